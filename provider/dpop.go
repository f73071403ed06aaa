package provider

import (
	"net/http"
	"slices"

	"itsme-bridge/provider/signed"
)

const (
	invalidProof = "invalid_dpop_proof" // RFC 9449 §5
	useNonce     = "use_dpop_nonce"     // RFC 9449 §8
)

// prove reads the DPoP proof of a client that calls, if it brings one, or must
// (RFC 9449 §5, §5.2, §10.1). Any client may.
func (p *Provider) prove(c *call, client *Client) error {
	switch {
	case !c.endpoint.proofs:
		return nil
	case len(c.r.Header.Values("DPoP")) > 0:
		if e := p.readProof(c, client.algorithms()); e != nil {
			return e
		}
	case c.endpoint.issues && (client.RequireDPoP || client.FAPI2):
		p.offerNonce(c)
		return badProof("The DPoP header is missing; the access tokens of this client are bound to a key.")
	}
	return nil
}

// readProof holds the proof to RFC 9449 §4.3 and §8, and keeps it with the call.
// It is still to be remembered that it was used: see [once].
func (p *Provider) readProof(c *call, algorithms []string) *Error {
	p.offerNonce(c)
	headers := c.r.Header.Values("DPoP")
	if len(headers) != 1 {
		return badProof("There is not exactly one DPoP header.")
	}
	now := p.now()
	proof, err := signed.ReadProof(headers[0], signed.ProofRules{
		Method: c.r.Method, URL: p.at(c.endpoint.path), AccessToken: c.bearer, Algorithms: algorithms, MaxAge: nonceLife, Now: now,
	})
	if err != nil {
		return badProof(spoken(err, "The DPoP proof is not valid."))
	}
	if !p.isNonce(proof.Nonce, now) {
		return fail(http.StatusBadRequest, useNonce, "The DPoP proof must have the nonce of the DPoP-Nonce header.")
	}
	c.proof = proof
	c.once = append(c.once, p.onlyOnce("proof", proof.Issued.Add(nonceLife), badProof("The DPoP proof was used before."),
		proof.Thumbprint, c.endpoint.path, proof.ID))
	return nil
}

// offerNonce gives whoever brings proofs the nonce of the next one, whatever
// becomes of this call (RFC 9449 §8.2).
func (p *Provider) offerNonce(c *call) { c.w.Header().Set("DPoP-Nonce", p.nonceAt(p.now())) }

// readHolder reads the proof of whoever brings an access token in the scheme
// DPoP (RFC 9449 §7.1). In another scheme a proof proves nothing.
func (p *Provider) readHolder(c *call) *Error {
	if !c.dpop {
		return nil
	}
	return unauthorized(p.readProof(c, signed.Algorithms()))
}

// checkHolder: an access token that is bound to a key is good only with a proof
// by this key, and one that is not only without (RFC 9449 §7.1, §7.2).
func (p *Provider) checkHolder(c *call, s *Session) *Error {
	client, registered := p.client(s.ClientID)
	switch {
	case s.DPoPKey != "" && !c.dpop:
		return fail(http.StatusUnauthorized, invalidToken, "The access token is bound to a key: bring it in the scheme DPoP.")
	case s.DPoPKey == "" && c.dpop:
		return fail(http.StatusUnauthorized, invalidToken, "The access token is not bound to a key: bring it in the scheme Bearer.")
	case s.DPoPKey != c.proof.Thumbprint:
		return fail(http.StatusUnauthorized, invalidToken, "The access token is bound to another key than that of the DPoP proof.")
	case c.dpop && (!registered || !slices.Contains(client.algorithms(), c.proof.Algorithm)):
		return unauthorized(badProof("The DPoP proof is signed with an algorithm that this client must not use."))
	}
	return unauthorized(c.replayed())
}

// bindRequest binds a pushed request to the key of the proof that came with it,
// as if its thumbprint had been sent (RFC 9449 §10.1).
func (c *call) bindRequest(a *asking) *Error {
	if c.proof.Thumbprint == "" {
		return nil
	}
	if asked := a.request.DPoPKey; asked != "" && asked != c.proof.Thumbprint {
		return badRequest("The dpop_jkt is not that of the DPoP proof.")
	}
	a.parameters.Set("dpop_jkt", c.proof.Thumbprint)
	return nil
}

// badProof is invalid_dpop_proof of RFC 9449 §5.
func badProof(description string) *Error {
	return fail(http.StatusBadRequest, invalidProof, description)
}

// unauthorized tells the same to whoever brings an access token (RFC 9449 §7.1, §9).
func unauthorized(e *Error) *Error {
	if e != nil {
		e.Status = http.StatusUnauthorized
	}
	return e
}
