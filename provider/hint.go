package provider

import (
	"context"
	"encoding/json"
)

// hint is what an id_token_hint tells: an ID token of ours, as a client sends it
// back. That it has expired does not matter (OpenID Connect Core §3.1.2.1,
// RP-Initiated Logout §2).
type hint struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	AuthTime int64  `json:"auth_time"`
	Expires  int64  `json:"exp"`
	SID      string `json:"sid"`
}

// hintOf reads an id_token_hint. It is false for everything but an ID token that
// we signed: other things of ours have another typ, or no auth_time.
func (p *Provider) hintOf(token string) (hint, bool) {
	payload, typ, err := p.signer.Verify(token)
	if err != nil || typ != "JWT" {
		return hint{}, false
	}
	var h hint
	if json.Unmarshal(payload, &h) != nil || h.Issuer != p.config.Issuer || h.Subject == "" || h.AuthTime == 0 || h.Expires == 0 {
		return hint{}, false
	}
	return h, true
}

// checkIDTokenHint: nobody else than the person whom the hint names will do.
func checkIDTokenHint(_ context.Context, p *Provider, a *asking) *Error {
	token := a.get("id_token_hint")
	if token == "" {
		return nil
	}
	h, ok := p.hintOf(token)
	if !ok || h.Audience != a.client.ID {
		return badRequest("The id_token_hint is not an ID token that this client has from here.")
	}
	if a.request.Subject != "" && a.request.Subject != h.Subject {
		return badRequest("The id_token_hint and the sub in claims name two subjects.")
	}
	a.request.Subject = h.Subject
	return nil
}
