package provider

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// VerifyClient authenticates the client of a call to the token and the
// revocation endpoint.
func (s server) VerifyClient(ctx context.Context, _ *op.Request[op.ClientCredentials]) (op.Client, error) {
	client, err := s.provider.authenticate(ctx, callOf(ctx))
	if err != nil {
		_, err = reply(ctx, nil, err)
		return nil, err
	}
	return opClient{client}, nil
}

// authenticate finds the client that the credentials belong to. They must come
// in the one way that the client is registered with (RFC 6749 §2.3).
//
// Whether there is no such client, or another secret or key, or another way,
// the answer is the same, and for secrets so is the work: the log knows which it
// was. A signature is checked only where there is a key, so the time tells who
// has one; that a client is registered /authorize says to everybody.
//
// What the client has signed to be used once is used up last, when nothing else
// is wrong: whoever is asked for a nonce may come again with the same assertion.
func (p *Provider) authenticate(ctx context.Context, asker *call) (*Client, error) {
	c := asker.client
	client, registered := p.client(c.id)
	if !registered {
		client = &Client{SecretHashes: make([][32]byte, 1)} // nobody
	}
	right := knows(client, c.secret)
	var cause string
	switch {
	case !registered:
		cause = "no such client"
	case client.AuthMethod != c.method:
		cause = "the client is registered with " + string(client.AuthMethod) + ", not " + string(c.method)
	case c.method != None && c.method != PrivateKeyJWT && !right:
		cause = "wrong secret"
	}
	if registered {
		event(ctx).Add(slog.String("client", client.ID))
	}
	if cause != "" {
		return nil, nobody(errors.New(cause))
	}
	if c.method == PrivateKeyJWT {
		if err := p.checkAssertion(ctx, client, asker); err != nil {
			return nil, err
		}
	}
	if err := p.prove(asker, client); err != nil {
		return nil, err
	}
	return client, p.spendOnce(ctx, asker)
}

// nobody is what a caller is told who may be anybody.
func nobody(cause error) *Error {
	return unauthenticated("The client could not be authenticated.").because(cause)
}

// knows reports whether the secret is one of the client's, in a time that does
// not depend on how much of it is right, nor on which of them it is.
func knows(c *Client, secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	found := 0
	for _, valid := range c.SecretHashes {
		found |= subtle.ConstantTimeCompare(hash[:], valid[:])
	}
	return found == 1
}
