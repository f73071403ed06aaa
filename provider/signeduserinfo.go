package provider

import (
	"context"
	"encoding/json"
	"fmt"
)

// signedUserinfo is what userinfo says, where it is signed, apart from the
// person's claims (OpenID Connect Core §5.3.2). It has neither exp nor auth_time,
// so that it never passes for an ID token, here or at a client.
type signedUserinfo struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	IssuedAt int64  `json:"iat"`
}

// userinfoOf is what a session tells of the person: JSON, or a JWT where the
// client's entry says so. The JWT becomes the answer of the call.
func (p *Provider) userinfoOf(ctx context.Context, s *Session) (json.RawMessage, error) {
	client, ok := p.client(s.ClientID)
	if !ok || client.UserinfoAlg == "" {
		return merge(struct {
			Subject string `json:"sub"`
		}{s.Subject}, s.Claims)
	}
	payload, err := merge(signedUserinfo{p.config.Issuer, s.Subject, s.ClientID, p.now().Unix()}, s.Claims)
	if err != nil {
		return nil, err
	}
	signed, err := p.signer.Sign(ctx, client.UserinfoAlg, payload)
	if err != nil {
		return nil, fmt.Errorf("provider: sign userinfo: %w", err)
	}
	callOf(ctx).jwt = signed
	return nil, nil
}
