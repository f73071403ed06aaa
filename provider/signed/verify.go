package signed

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// ErrUnknownKey says that none of the keys is the one that the token asks for. Newer keys may be: whoever fetches them
// may fetch them again, now and then.
var ErrUnknownKey = errors.New("no such key")

// leastRSA is the fewest bits of an RSA key (RFC 7518 §3.3).
const leastRSA = 2048

// Verify finds the signer among the keys, and returns the payload that it has signed. A token with a kid is verified
// with the key of this name, any other with whatever key fits its alg (RFC 7515 §6, RFC 9101 §6.2). What the header
// embeds or links (jwk, jku, x5c, x5u) plays no part. Every error is an *Error; see [ErrUnknownKey].
func (t *Token) Verify(keys []jose.JSONWebKey) (payload []byte, err error) {
	known := false
	for _, key := range keys {
		if t.header.keyID != "" && key.KeyID != t.header.keyID || !fits(key, t.header.algorithm) {
			continue
		}
		known = t.header.keyID != ""
		if payload, err := t.jws.Verify(key.Key); err == nil {
			return payload, nil
		}
	}
	e := &Error{Description: "The signature is not by a key of the client."}
	if !known {
		e.cause = ErrUnknownKey
	}
	return nil, e
}

// fits reports whether a key is for signatures of this algorithm, and strong enough. Its kind alone decides what it
// can verify, so that no public key serves as a secret (RFC 8725 §3.1 and §3.2).
func fits(key jose.JSONWebKey, algorithm string) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return (algorithm == "RS256" || algorithm == "PS256") && public.N.BitLen() >= leastRSA
	case *ecdsa.PublicKey:
		return algorithm == "ES256" && public.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	}
	return false
}
