package provider

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/op"
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

// Introspect is POST /introspect. op leaves it to us to authenticate the client.
func (s server) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	client, err := s.provider.authenticate(ctx, callOf(ctx))
	if err != nil {
		return reply(ctx, nil, err)
	}
	answer, err := s.provider.introspect(ctx, client, r.Data.Token)
	return reply(ctx, answer, err)
}

// introspect tells a client about its own tokens, and about any where its
// entry says so. Of all others it does not even learn that they exist
// (RFC 7662 §2.2, §4).
func (p *Provider) introspect(ctx context.Context, client *Client, token string) (introspection, error) {
	session, _, ok, err := p.session(ctx, token)
	if err != nil || !ok || session.ClientID != client.ID && !client.Introspect {
		return introspection{}, err
	}
	answer := introspection{
		Active: true, Issuer: p.config.Issuer, Subject: session.Subject, ClientID: session.ClientID, Scope: session.Scope,
		TokenType: tokenType(session.DPoPKey), IssuedAt: session.Issued.Unix(), Expires: session.Expires.Unix(),
	}
	if session.DPoPKey != "" {
		answer.Confirmation = &confirmation{session.DPoPKey}
	}
	return answer, nil
}
