package grant

import (
	"context"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
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
	ID              string   `json:"jti,omitempty"` // where there is a session and no sid: see [IDTokens.IsOf]
}

// Companions are what an ID token comes along with, if at all.
type Companions struct{ AccessToken, Code string }

// Signer signs, publishes what others need to check it, and knows its own.
// *keys.Ring and *keys.Static are some.
type Signer interface {
	Sign(ctx context.Context, alg keys.Algorithm, claims []byte) (string, error)
	SignTyped(ctx context.Context, alg keys.Algorithm, typ string, claims []byte) (string, error)
	Verify(compact string) (payload []byte, typ string, err error)
	JWKS() keys.Document
}

// IDTokens makes ID tokens of grants, and reads them when clients bring them back.
type IDTokens struct {
	issuer  string
	signer  Signer
	keyring storage.Keyring
	life    time.Duration // of an ID token
}

// NewIDTokens makes ID tokens of an issuer.
func NewIDTokens(issuer string, signer Signer, keyring storage.Keyring, life time.Duration) *IDTokens {
	return &IDTokens{issuer: issuer, signer: signer, keyring: keyring, life: life}
}

// Make builds and signs an ID token for a grant.
func (t *IDTokens) Make(ctx context.Context, g *Grant, with Companions, now time.Time) (string, error) {
	said := idToken{
		Issuer: t.issuer, Subject: g.Subject, Audience: g.ClientID,
		Expires: now.Add(t.life).Unix(), IssuedAt: now.Unix(), AuthTime: g.AuthTime.Unix(),
		Nonce: g.Nonce, ACR: g.ACR, AMR: g.AMR, SID: g.SID, ID: t.mark(g.Session),
	}
	var err error
	if said.AccessTokenHash, err = hashOf(with.AccessToken, g.SigningAlg); err != nil {
		return "", err
	}
	if said.CodeHash, err = hashOf(with.Code, g.SigningAlg); err != nil {
		return "", err
	}
	payload, err := claims.Merge(said, g.IDTokenClaims)
	if err != nil {
		return "", err
	}
	signed, err := t.signer.Sign(ctx, g.SigningAlg, payload)
	if err != nil {
		return "", fmt.Errorf("provider: sign ID token: %w", err)
	}
	return signed, nil
}

// Answer is the response to a request for an ID token: with the code of the
// grant, or without one. Then the code only was the name of the grant. It is
// signed each time that the answer is sent: if that fails, the same request may
// go through later.
func (t *IDTokens) Answer(ctx context.Context, g *Grant, code string, at time.Time) (oauth.Answer, error) {
	token, err := t.Make(ctx, g, Companions{Code: code}, at)
	if err != nil {
		return oauth.Answer{}, oauth.Unavailable(err)
	}
	return oauth.Answer{Code: code, IDToken: token}, nil
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
