package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"itsme-bridge/keys"
)

// idToken is what an ID token says apart from the person's claims (OpenID
// Connect Core §2, §3.1.3.6, §3.3.2.11). There is no nbf: a clock a second
// behind ours would refuse the token.
type idToken struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        string   `json:"aud"` // a string, since some clients cannot read a list
	Expires         int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce,omitempty"`
	AccessTokenHash string   `json:"at_hash,omitempty"`
	CodeHash        string   `json:"c_hash,omitempty"`
	ACR             string   `json:"acr,omitempty"`
	AMR             []string `json:"amr,omitempty"`
	SID             string   `json:"sid,omitempty"` // Front-Channel Logout §3, Back-Channel Logout §2.1
}

// companions are what an ID token comes along with, if at all.
type companions struct{ accessToken, code string }

// idToken builds and signs an ID token for a grant.
func (p *Provider) idToken(ctx context.Context, g *Grant, with companions, now time.Time) (string, error) {
	said := idToken{
		Issuer: p.config.Issuer, Subject: g.Subject, Audience: g.ClientID,
		Expires: now.Add(p.config.IDToken).Unix(), IssuedAt: now.Unix(), AuthTime: g.AuthTime.Unix(),
		Nonce: g.Nonce, ACR: g.ACR, AMR: g.AMR, SID: g.SID,
	}
	var err error
	if said.AccessTokenHash, err = hashOf(with.accessToken, g.SigningAlg); err != nil {
		return "", err
	}
	if said.CodeHash, err = hashOf(with.code, g.SigningAlg); err != nil {
		return "", err
	}
	payload, err := merge(said, g.IDTokenClaims)
	if err != nil {
		return "", err
	}
	signed, err := p.signer.Sign(ctx, g.SigningAlg, payload)
	if err != nil {
		return "", fmt.Errorf("provider: sign ID token: %w", err)
	}
	return signed, nil
}

// hashOf is the left half of a hash (OpenID Connect Core §3.1.3.6, §3.3.2.11); empty of nothing.
func hashOf(text string, alg keys.Algorithm) (string, error) {
	if text == "" {
		return "", nil
	}
	hash, err := oidc.ClaimHash(text, jose.SignatureAlgorithm(alg))
	if err != nil {
		return "", fmt.Errorf("provider: hash for an ID token: %w", err)
	}
	return hash, nil
}
