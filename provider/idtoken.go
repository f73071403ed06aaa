package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// idToken is what an ID token says apart from the person's claims (OpenID
// Connect Core §2, §3.1.3.6). There is no nbf: a clock a second behind ours
// would refuse the token.
type idToken struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        string   `json:"aud"` // a string, since some clients cannot read a list
	Expires         int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce,omitempty"`
	AccessTokenHash string   `json:"at_hash"`
	ACR             string   `json:"acr,omitempty"`
	AMR             []string `json:"amr,omitempty"`
}

// idToken builds and signs the ID token that goes with an access token. The
// person's claims are in it only where the client's entry says so (OpenID
// Connect Core §5.4).
func (p *Provider) idToken(ctx context.Context, g *Grant, accessToken string, now time.Time) (string, error) {
	hash, err := oidc.ClaimHash(accessToken, jose.SignatureAlgorithm(g.SigningAlg))
	if err != nil {
		return "", fmt.Errorf("provider: at_hash: %w", err)
	}
	said := idToken{
		Issuer: p.config.Issuer, Subject: g.Subject, Audience: g.ClientID,
		Expires: now.Add(p.config.IDToken).Unix(), IssuedAt: now.Unix(), AuthTime: g.AuthTime.Unix(),
		Nonce: g.Nonce, AccessTokenHash: hash, ACR: g.ACR, AMR: g.AMR,
	}
	claims := g.Claims
	if !g.IDTokenClaims {
		claims = nil
	}
	payload, err := merge(said, claims)
	if err != nil {
		return "", err
	}
	signed, err := p.signer.Sign(ctx, g.SigningAlg, payload)
	if err != nil {
		return "", fmt.Errorf("provider: sign ID token: %w", err)
	}
	return signed, nil
}
