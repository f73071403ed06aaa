package clientauth

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
)

const (
	invalidProof = "invalid_dpop_proof" // RFC 9449 §5
	useNonce     = oauth.UseDPoPNonce
	proofHeader  = "Dpop" // DPoP, as net/http writes it
)

// prove reads the DPoP proof of a client that calls, if it brings one, or must
// (RFC 9449 §5, §5.2, §10.1). Any client may.
func (g *Guard) prove(c *Call, client *client.Client) error {
	switch {
	case !c.Endpoint.Proofs:
		return nil
	case len(c.R.Header.Values(proofHeader)) > 0:
		if e := g.readProof(c, client.Algorithms()); e != nil {
			return e
		}
	case c.Endpoint.Issues && (client.RequireDPoP || client.FAPI2):
		g.offerNonce(c)
		return badProof("The DPoP header is missing; the access tokens of this client are bound to a key.")
	}
	return nil
}

// readProof holds the proof to RFC 9449 §4.3 and §8, and keeps it with the call.
// It is still to be remembered that it was used: see [once].
func (g *Guard) readProof(c *Call, algorithms []string) *oauth.Error {
	g.offerNonce(c)
	headers := c.R.Header.Values(proofHeader)
	if len(headers) != 1 {
		return badProof("There is not exactly one DPoP header.")
	}
	now := g.now()
	proof, err := signed.ReadProof(headers[0], signed.ProofRules{
		Method: c.R.Method, URL: g.issuer.At(c.Endpoint.Path), AccessToken: c.Bearer, Algorithms: algorithms, MaxAge: nonceLife, Now: now,
	})
	if err != nil {
		return badProof(signed.Spoken(err, "The DPoP proof is not valid."))
	}
	if !g.isNonce(proof.Nonce, now) {
		return oauth.Fail(http.StatusBadRequest, useNonce, "The DPoP proof must have the nonce of the DPoP-Nonce header.")
	}
	c.Proof = proof
	c.once = append(c.once, g.onlyOnce("proof", proof.Issued.Add(nonceLife), badProof("The DPoP proof was used before.").Of(oauth.ProofReplay),
		proof.Thumbprint, c.Endpoint.Path, proof.ID))
	return nil
}

// offerNonce gives whoever brings proofs the nonce of the next one, whatever
// becomes of this call (RFC 9449 §8.2).
func (g *Guard) offerNonce(c *Call) { c.W.Header().Set("DPoP-Nonce", g.nonceAt(g.now())) }

// ReadHolder reads the proof of whoever brings an access token in the scheme
// DPoP (RFC 9449 §7.1). In another scheme a proof proves nothing.
func (g *Guard) ReadHolder(c *Call) *oauth.Error {
	if !c.DPoP {
		return nil
	}
	return unauthorized(g.readProof(c, signed.Algorithms()))
}

// CheckHolder holds an access token that is bound to a key to a proof by this key,
// and one that is not to none (RFC 9449 §7.1, §7.2).
func (g *Guard) CheckHolder(c *Call, clientID, thumbprint string) *oauth.Error {
	client, registered := g.clients.Find(clientID)
	switch {
	case thumbprint != "" && !c.DPoP:
		return oauth.Fail(http.StatusUnauthorized, oauth.InvalidToken, "The access token is bound to a key: bring it in the scheme DPoP.").Of(oauth.WrongKey)
	case thumbprint == "" && c.DPoP:
		return oauth.Fail(http.StatusUnauthorized, oauth.InvalidToken, "The access token is not bound to a key: bring it in the scheme Bearer.")
	case thumbprint != c.Proof.Thumbprint:
		return oauth.Fail(http.StatusUnauthorized, oauth.InvalidToken, "The access token is bound to another key than that of the DPoP proof.").Of(oauth.WrongKey)
	case c.DPoP && (!registered || !slices.Contains(client.Algorithms(), c.Proof.Algorithm)):
		return unauthorized(badProof("The DPoP proof is signed with an algorithm that this client must not use."))
	}
	return nil
}

// HolderOf is [Guard.Shown] for whoever brings an access token.
func (g *Guard) HolderOf(ctx context.Context, c *Call, id string) error {
	err := g.Shown(ctx, c, id)
	if refused, ok := errors.AsType[*oauth.Error](err); ok && refused.Code == invalidProof {
		return unauthorized(refused)
	}
	return err
}

// badProof is invalid_dpop_proof of RFC 9449 §5.
func badProof(description string) *oauth.Error {
	return oauth.Fail(http.StatusBadRequest, invalidProof, description)
}

// unauthorized tells the same to whoever brings an access token (RFC 9449 §7.1, §9).
func unauthorized(e *oauth.Error) *oauth.Error {
	if e != nil {
		e.Status = http.StatusUnauthorized
	}
	return e
}
