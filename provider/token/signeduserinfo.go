package token

import (
	"context"
	"fmt"
	"net/http"

	"itsme-bridge/keys"
	"itsme-bridge/provider/claims"
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

// sendSigned sends userinfo as a JWT.
func (e *Endpoints) sendSigned(ctx context.Context, w http.ResponseWriter, alg keys.Algorithm, a *Access) error {
	payload, err := claims.Merge(signedUserinfo{e.issuer.String(), a.Subject, a.ClientID, e.now().Unix()}, a.Claims)
	if err != nil {
		return err
	}
	signed, err := e.signer.Sign(ctx, alg, payload)
	if err != nil {
		return fmt.Errorf("provider: sign userinfo: %w", err)
	}
	send(w, "application/jwt", []byte(signed))
	return nil
}
