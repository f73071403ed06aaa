//go:build products

// Package supabase_test plays Supabase with what `client new --for supabase` writes.
package supabase_test

import (
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

// provider is what the API for custom providers takes.
type provider struct {
	Type          string   `json:"provider_type"`
	Identifier    string   `json:"identifier"`
	Name          string   `json:"name"`
	ClientID      string   `json:"client_id"`
	ClientSecret  string   `json:"client_secret"`
	Issuer        string   `json:"issuer"`
	Scopes        []string `json:"scopes"`
	PKCE          bool     `json:"pkce_enabled"`
	EmailOptional bool     `json:"email_optional"`
	Enabled       bool     `json:"enabled"`
}

func TestSupabaseLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient("--for", "supabase", "--name", "The shop", "--url", "https://abcdefghijklmnop.supabase.co", "--email-verified")
	var p provider
	c.JSON("supabase.json", &p)
	if p.Type != "oidc" || p.Identifier != "custom:itsme" || p.EmailOptional || !p.Enabled {
		t.Errorf("the provider is %s %s, enabled: %t, without an address: %t", p.Type, p.Identifier, p.Enabled, p.EmailOptional)
	}
	e2e.Player{ // whose states are tokens of its own
		Issuer: p.Issuer, ClientID: p.ClientID, Secret: p.ClientSecret, Scopes: p.Scopes,
		Redirect: "https://abcdefghijklmnop.supabase.co/auth/v1/callback",
		PKCE:     p.PKCE, State: "eyJhbGciOiJIUzI1NiJ9." + strings.Repeat("eyJleHAi", 60) + ".",
		Verified: true, Maps: map[string]string{"sub": "sub", "name": "name", "email": "email"},
	}.Play(t, w)
}
