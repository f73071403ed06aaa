package clientauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// Authenticate finds the client that the credentials belong to. They must come
// in the one way that the client is registered with (RFC 6749 §2.3).
//
// Whether there is no such client, or another secret or key, the answer is the
// same, and for secrets so is the work: the log knows which it was. A client that
// comes in another way than its own is told which that is, whether or not its secret
// is right: that a client is registered /authorize says to everybody.
//
// What the client has signed to be used once is used up last, when nothing else
// is wrong: whoever is asked for a nonce may come again with the same assertion.
// Where the client has shown nothing yet that a stranger has not, that is later still:
// the endpoint calls [Guard.Remember].
func (g *Guard) Authenticate(ctx context.Context, asker *Call) (*client.Client, error) {
	said := asker.caller
	found, registered, right := g.whose(said.pairs)
	name, cause := said.pairs[0].id, ""
	switch {
	case !registered:
		cause = "no such client: client_id is " + edge.ShownWord(said.pairs[0].id)
	case found.AuthMethod != said.method:
		edge.EventOf(ctx).Add(slog.String("client", found.ID))
		return nil, wrongWay(found, said.method)
	case said.method != client.None && said.method != client.PrivateKeyJWT && !right:
		cause = "wrong secret"
	}
	if registered {
		name = found.ID
		edge.EventOf(ctx).Add(slog.String("client", found.ID))
	}
	if cause != "" {
		return nil, g.nobody(ctx, name, errors.New(cause))
	}
	if said.method == client.PrivateKeyJWT {
		if err := g.checkAssertion(ctx, found, asker); err != nil {
			return nil, err
		}
	}
	if err := g.prove(asker, found); err != nil {
		return nil, err
	}
	return found, g.rememberNow(ctx, asker, found)
}

// wrongWay tells a client how it is registered (RFC 6749 §2.3).
func wrongWay(found *client.Client, used client.AuthMethod) *oauth.Error {
	return unauthenticated("This client is registered with " + string(found.AuthMethod) + ", and this request uses " + string(used) + ".")
}

// wrongWay is what to tell a caller, if it is a client that comes in another way
// than its own, before anything else is looked at.
func (c *Call) wrongWay(pairs []pair, used client.AuthMethod) *oauth.Error {
	found, registered, _ := c.guard.whose(pairs)
	if !registered || found.AuthMethod == used {
		return nil
	}
	edge.EventOf(c.R.Context()).Add(slog.String("client", found.ID))
	return wrongWay(found, used)
}

// whose finds the client of the first reading that is right, or else of the first
// that names one. All are tried, whichever is right.
func (g *Guard) whose(pairs []pair) (found *client.Client, registered, right bool) {
	for _, p := range pairs {
		named, ok := g.clients.Find(p.id)
		if !ok {
			named = &client.Client{SecretHashes: make([][32]byte, 1)} // nobody
		}
		if fits := knows(named, p.secret); ok && !right && (fits || !registered) {
			found, registered, right = named, true, fits
		}
	}
	return found, registered, right
}

// nobody is what a caller is told who may be anybody, or only names a client. Whoever
// goes on with that is told to wait: with what is right it would have been served. Names
// that are not registered count like others, so that the waiting tells nothing of them.
func (g *Guard) nobody(ctx context.Context, name string, cause error) *oauth.Error {
	refused := unauthenticated("The client could not be authenticated.")
	if wait := g.ceilings.CountFailure(ctx, name); wait > 0 {
		refused = oauth.Fail(http.StatusTooManyRequests, oauth.TemporarilyUnavailable,
			"The client could not be authenticated, and has tried too often; try again later.")
		refused.Wait = wait
	}
	return refused.Of(oauth.WrongCredentials).Because(cause)
}

// knows reports whether the secret is one of the client's, in a time that does
// not depend on how much of it is right, nor on which of them it is.
func knows(c *client.Client, secret string) bool {
	hash := sha256.Sum256([]byte(secret))
	found := 0
	for _, valid := range c.SecretHashes {
		found |= subtle.ConstantTimeCompare(hash[:], valid[:])
	}
	return found == 1
}
