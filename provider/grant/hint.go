package grant

import "encoding/json"

// Hint is what an id_token_hint tells: an ID token of ours, as a client sends it
// back. That it has expired does not matter (OpenID Connect Core §3.1.2.1,
// RP-Initiated Logout §2).
type Hint struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	AuthTime int64  `json:"auth_time"`
	Expires  int64  `json:"exp"`
	SID      string `json:"sid"`
}

// Hint reads an id_token_hint. It is false for everything but an ID token that
// we signed: other things of ours have another typ, or no auth_time.
func (t *IDTokens) Hint(token string) (Hint, bool) {
	payload, typ, err := t.signer.Verify(token)
	if err != nil || typ != "JWT" {
		return Hint{}, false
	}
	var h Hint
	if json.Unmarshal(payload, &h) != nil || h.Issuer != t.issuer || h.Subject == "" || h.AuthTime == 0 || h.Expires == 0 {
		return Hint{}, false
	}
	return h, true
}
