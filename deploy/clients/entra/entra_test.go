//go:build products

// Package entra_test plays Microsoft Entra External ID with what `client new --for entra` writes.
package entra_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

// provider is an oidcIdentityProvider of Microsoft Graph.
type provider struct {
	Type           string `json:"@odata.type"`
	Display        string `json:"displayName"`
	ClientID       string `json:"clientId"`
	Issuer         string `json:"issuer"`
	Discovery      string `json:"wellKnownEndpoint"`
	ResponseType   string `json:"responseType"`
	Scope          string `json:"scope"`
	Authentication struct {
		Type   string `json:"@odata.type"`
		Secret string `json:"clientSecret"`
	} `json:"clientAuthentication"`
	Claims struct {
		Sub           string `json:"sub"`
		Name          string `json:"name"`
		GivenName     string `json:"given_name"`
		FamilyName    string `json:"family_name"`
		Email         string `json:"email"`
		EmailVerified string `json:"email_verified"`
		Phone         string `json:"phone_number"`
		PhoneVerified string `json:"phone_number_verified"`
		Address       struct {
			Street   string `json:"street_address"`
			Locality string `json:"locality"`
			Code     string `json:"postal_code"`
			Country  string `json:"country"`
		} `json:"address"`
	} `json:"inboundClaimMapping"`
}

func flags(more ...string) []string {
	return slices.Concat([]string{
		"--for", "entra", "--name", "The shop", "--tenant", "example", "--tenant-id", "11111111-2222-3333-4444-555555555555",
		"--scopes", "profile,email,phone,address", "--email-verified",
	}, more)
}

func TestEntraLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient(flags()...)
	player := played(t, c, "#microsoft.graph.oidcClientSecretAuthentication")
	t.Run("at the tenant's id", func(t *testing.T) { player.Play(t, w) })
	player.Redirect = "https://example.ciamlogin.com/example.onmicrosoft.com/federation/oauth2"
	t.Run("at the tenant's domain", func(t *testing.T) { player.Play(t, w) })

	// No document says that it sends a nonce. The guide says what helps if it does not.
	c.Set("pkce: optional")
	player.Nonce = false
	t.Run("without a nonce", func(t *testing.T) { player.Play(t, w) })
}

func TestEntraLogsPeopleInByAKey(t *testing.T) {
	w, key := e2e.Start(t), e2e.NewKey(t)
	player := played(t, w.NewClient(flags("--auth-method", "private_key_jwt", "--jwks-file", key.File)...), "#microsoft.graph.oidcPrivateJwtKeyClientAuthentication")
	player.Key = key
	player.Play(t, w)
}

// played is Entra, with what its file says.
func played(t *testing.T, c *e2e.Client, authentication string) e2e.Player {
	t.Helper()
	var p provider
	c.JSON("entra.json", &p)
	if p.ResponseType != "code" || p.Authentication.Type != authentication || p.Discovery != p.Issuer+"/.well-known/openid-configuration" {
		t.Errorf("the provider is %s, %s, %s", p.ResponseType, p.Authentication.Type, p.Discovery)
	}
	return e2e.Player{
		Issuer: p.Issuer, ClientID: p.ClientID, Secret: p.Authentication.Secret, Scopes: strings.Fields(p.Scope),
		Redirect: "https://example.ciamlogin.com/11111111-2222-3333-4444-555555555555/federation/oauth2",
		Nonce:    true, Style: oauth2.AuthStyleInParams, Algorithms: []string{"RS256"}, Verified: true,
		Maps: map[string]string{
			"sub": p.Claims.Sub, "name": p.Claims.Name, "givenName": p.Claims.GivenName, "surname": p.Claims.FamilyName,
			"mail": p.Claims.Email, "emailVerified": p.Claims.EmailVerified,
			"mobilePhone": p.Claims.Phone, "phoneVerified": p.Claims.PhoneVerified,
			"streetAddress": p.Claims.Address.Street, "city": p.Claims.Address.Locality,
			"postalCode": p.Claims.Address.Code, "country": p.Claims.Address.Country,
		},
	}
}
