package token

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"itsme-bridge/provider/client"
)

// opClient is a client as op wants to see it. Of all this op uses GrantTypes
// alone, for the endpoints that it serves here; the rest is true nevertheless.
type opClient struct{ client *client.Client }

// clientOf is the client that VerifyClient has found.
func clientOf(c op.Client) *client.Client {
	found, _ := c.(opClient) // there is no other implementation
	return found.client
}

// GetID implements [op.Client].
func (c opClient) GetID() string { return c.client.ID }

// RedirectURIs implements [op.Client].
func (c opClient) RedirectURIs() []string { return c.client.RedirectURIs }

// PostLogoutRedirectURIs implements [op.Client].
func (c opClient) PostLogoutRedirectURIs() []string { return nil }

// ApplicationType implements [op.Client]. To op, web means confidential.
func (c opClient) ApplicationType() op.ApplicationType {
	if c.client.IsPublic() {
		return op.ApplicationTypeUserAgent
	}
	return op.ApplicationTypeWeb
}

// AuthMethod implements [op.Client].
func (c opClient) AuthMethod() oidc.AuthMethod { return oidc.AuthMethod(c.client.AuthMethod) }

// ResponseTypes implements [op.Client].
func (c opClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes implements [op.Client]. op would refuse a client without
// refresh_token in words that tell it nothing: refresh does that better.
func (c opClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}

// LoginURL implements [op.Client]. There is none: op does not log anybody in.
func (c opClient) LoginURL(string) string { return "" }

// AccessTokenType implements [op.Client].
func (c opClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }

// IDTokenLifetime implements [op.Client]. op makes no ID token.
func (c opClient) IDTokenLifetime() time.Duration { return 0 }

// DevMode implements [op.Client].
func (c opClient) DevMode() bool { return false }

// RestrictAdditionalIdTokenScopes implements [op.Client].
//
//nolint:revive,staticcheck // op's spelling
func (c opClient) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}

// RestrictAdditionalAccessTokenScopes implements [op.Client].
func (c opClient) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}

// IsScopeAllowed implements [op.Client].
func (c opClient) IsScopeAllowed(scope string) bool { return c.client.MayAsk(scope) }

// IDTokenUserinfoClaimsAssertion implements [op.Client].
func (c opClient) IDTokenUserinfoClaimsAssertion() bool { return c.client.IDTokenClaims }

// ClockSkew implements [op.Client].
func (c opClient) ClockSkew() time.Duration { return 0 }
