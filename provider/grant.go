package provider

import (
	"encoding/json"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
)

// Grant is what a code stands for: all that the token endpoint must check and
// sign. It is opened by the code, once.
type Grant struct {
	ClientID      string    `json:"client_id"`
	RedirectURI   string    `json:"redirect_uri"`
	CodeChallenge string    `json:"code_challenge,omitempty"`
	Expires       time.Time `json:"exp"` // our clock decides, whatever becomes of the TTL

	Identity
	Nonce      string         `json:"nonce,omitempty"`
	Asked      string         `json:"asked"` // scope as it was asked for: a different grant is named in the token response
	SigningAlg keys.Algorithm `json:"alg"`
	DPoPKey    string         `json:"dpop_jkt,omitempty"` // thumbprint of the only key that may redeem the code (RFC 9449 §10)

	IDTokenClaims json.RawMessage `json:"id_token_claims,omitempty"` // as Claims, for the ID token
}

// grantFor is what a person's approval is worth to one request.
func (p *Provider) grantFor(t *Terms, q *Request, i *itsme.Identity, authTime time.Time) (*Grant, error) {
	claims, err := claimsOf(i, t, q.inUserinfo)
	if err != nil {
		return nil, err
	}
	idTokenClaims, err := claimsOf(i, t, q.inIDToken(t))
	if err != nil {
		return nil, err
	}
	return &Grant{
		ClientID:      t.ID,
		RedirectURI:   q.RedirectURI,
		CodeChallenge: q.CodeChallenge,
		DPoPKey:       q.DPoPKey,
		Expires:       p.now().Add(p.config.Code),
		Nonce:         q.Nonce,
		Asked:         q.Asked,
		SigningAlg:    t.SigningAlg,
		IDTokenClaims: idTokenClaims,
		Identity: Identity{
			Subject:  subjectOf(p.config.Salt, t, i.UserID),
			AuthTime: authTime,
			ACR:      q.ACR,
			AMR:      t.AMR,
			Scope:    q.granted(),
			Claims:   claims,
		},
	}, nil
}

// Identity is a person as one client may see them.
type Identity struct {
	Subject  string          `json:"sub"`
	AuthTime time.Time       `json:"auth_time"`
	SID      string          `json:"sid,omitempty"` // of the browser session that knows of it, if there is one
	ACR      string          `json:"acr,omitempty"`
	AMR      []string        `json:"amr,omitempty"`
	Scope    string          `json:"scope"`            // as granted, space-separated
	Claims   json.RawMessage `json:"claims,omitempty"` // for userinfo: a JSON object of the claims that the request was granted; no sub
}

// Session is what an access token opens.
type Session struct {
	ClientID string    `json:"client_id"`
	Issued   time.Time `json:"iat"`
	Expires  time.Time `json:"exp"`
	DPoPKey  string    `json:"jkt,omitempty"`    // thumbprint of the key that the access token is bound to (RFC 9449 §6)
	Family   string    `json:"family,omitempty"` // id of the refresh tokens that it came from: it dies with them
	Identity
}
