//go:build products

// Package google_test plays Google Identity Platform with what `client new --for google` writes.
package google_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

// resource is a google_identity_platform_oauth_idp_config, with the arguments of Google's Terraform provider.
type resource struct {
	Name         string `json:"name"`
	Display      string `json:"display_name"`
	Enabled      bool   `json:"enabled"`
	Issuer       string `json:"issuer"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Type         struct {
		Code    bool `json:"code"`
		IDToken bool `json:"id_token"`
	} `json:"response_type"`
}

func flags(more ...string) []string {
	return slices.Concat([]string{"--for", "google", "--name", "The shop", "--url", "https://example.firebaseapp.com"}, more)
}

// player is Identity Platform in an application that has itsme.js.
// Its states are long, as it keeps there what it was asked.
func player(t *testing.T, c *e2e.Client) e2e.Player {
	t.Helper()
	var r resource
	c.Terraform("google.tf", "google_identity_platform_oauth_idp_config", &r)
	if !r.Enabled || r.Name != "oidc.itsme" || !strings.Contains(c.Read("itsme.js"), "OAuthProvider(\""+r.Name+"\")") || r.Type.Code == r.Type.IDToken || r.Type.Code != (r.ClientSecret != "") {
		t.Errorf("the provider is %s, enabled: %t, by code: %t, by ID token: %t", r.Name, r.Enabled, r.Type.Code, r.Type.IDToken)
	}
	scopes := []string{"openid"}
	for _, added := range regexp.MustCompile(`addScope\("(\w+)"\)`).FindAllStringSubmatch(c.Read("itsme.js"), -1) {
		scopes = append(scopes, added[1])
	}
	return e2e.Player{
		Issuer: r.Issuer, ClientID: r.ClientID, Secret: r.ClientSecret, Redirect: "https://example.firebaseapp.com/__/auth/handler",
		Scopes: scopes, Nonce: true, State: "AMbdm" + strings.Repeat("Zz09_-AA", 40), Algorithms: []string{"RS256"},
		Style: oauth2.AuthStyleInParams,
		Maps:  map[string]string{"rawId": "sub", "displayName": "name", "email": "email"},
	}
}

func TestTheCodeFlowLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient(flags()...)
	p := player(t, c)
	t.Run("with the secret in the body", func(t *testing.T) { p.Play(t, w) })

	// No document says how it authenticates, and whether it sends a nonce. The guide says what helps if it is the other way.
	c.Set("auth_method: client_secret_basic")
	p.Style = oauth2.AuthStyleInHeader
	t.Run("with the secret in the header", func(t *testing.T) { p.Play(t, w) })
	c.Set("pkce: optional")
	p.Nonce = false
	t.Run("without a nonce", func(t *testing.T) { p.Play(t, w) })
}

// How the answer comes, no document says either.
func TestTheImplicitFlowLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	p := player(t, w.NewClient(flags("--response-types", "id_token")...))
	for _, mode := range []string{"", "form_post"} {
		p.Mode = mode
		t.Run("response_mode "+mode, func(t *testing.T) { p.Play(t, w) })
	}
}
