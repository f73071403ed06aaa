package token

import (
	"context"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
)

// introspection is the answer of RFC 7662 §2.2. It tells no claims: those are
// for userinfo.
type introspection struct {
	Active    bool   `json:"active"`
	Issuer    string `json:"iss,omitempty"`
	Subject   string `json:"sub,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	Scope     string `json:"scope,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
	Expires   int64  `json:"exp,omitempty"`

	Confirmation *confirmation `json:"cnf,omitempty"`
}

// confirmation names the key that an access token is bound to (RFC 7800 §3, RFC
// 9449 §6.2).
type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// introspect tells a client about its own tokens, and about any where its
// entry says so. Of all others it does not even learn that they exist
// (RFC 7662 §2.2, §4).
func (e *Endpoints) introspect(ctx context.Context, client *client.Client, c *clientauth.Call) (introspection, error) {
	access, h, ok, err := e.open(ctx, c.Form.Get("token"))
	if err != nil || !ok || access.ClientID != client.ID && !client.Introspect {
		return introspection{}, err
	}
	if err := e.guard.Shown(ctx, c, h.ID()); err != nil {
		return introspection{}, err
	}
	answer := introspection{
		Active: true, Issuer: e.issuer.String(), Subject: access.Subject, ClientID: access.ClientID, Scope: access.Scope,
		TokenType: tokenType(access.DPoPKey), IssuedAt: access.Issued.Unix(), Expires: access.Expires.Unix(),
	}
	if access.DPoPKey != "" {
		answer.Confirmation = &confirmation{access.DPoPKey}
	}
	return answer, nil
}
