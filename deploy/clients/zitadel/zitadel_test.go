//go:build products

// Package zitadel_test plays ZITADEL with what `client new --for zitadel` writes.
package zitadel_test

import (
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

// resource is a zitadel_idp_oidc, with the arguments of ZITADEL's Terraform provider.
type resource struct {
	Name         string   `json:"name"`
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Scopes       []string `json:"scopes"`
	PKCE         bool     `json:"use_pkce"`
	FromIDToken  bool     `json:"is_id_token_mapping"`
	Creation     bool     `json:"is_creation_allowed"`
	AutoCreation bool     `json:"is_auto_creation"`
	AutoUpdate   bool     `json:"is_auto_update"`
	Linking      bool     `json:"is_linking_allowed"`
	AutoLinking  string   `json:"auto_linking"`
}

func TestZitadelLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient("--for", "zitadel", "--name", "The shop", "--url", "https://auth.example.be", "--scopes", "profile,email,phone")
	var r resource
	c.Terraform("zitadel.tf", "zitadel_idp_oidc", &r)
	var vouched resource
	w.NewClient("--for", "zitadel", "--id", "vouched", "--name", "The shop", "--url", "https://auth.example.be", "--email-verified").Terraform("zitadel.tf", "zitadel_idp_oidc", &vouched)
	if !r.Creation || !r.AutoCreation || r.Linking || r.AutoLinking != "AUTO_LINKING_OPTION_UNSPECIFIED" {
		t.Errorf("accounts are created: %t %t, linked by addresses that nobody has verified: %t %s", r.Creation, r.AutoCreation, r.Linking, r.AutoLinking)
	}
	if !vouched.Linking || vouched.AutoLinking != "AUTO_LINKING_OPTION_EMAIL" {
		t.Errorf("accounts are linked by addresses that somebody has verified: %t %s", vouched.Linking, vouched.AutoLinking)
	}
	e2e.Player{
		Issuer: r.Issuer, ClientID: r.ClientID, Secret: r.ClientSecret, Scopes: r.Scopes, Redirect: "https://auth.example.be/idps/callback",
		PKCE: r.PKCE, Algorithms: []string{"RS256", "ES256", "PS256"}, Userinfo: !r.FromIDToken,
		Maps: map[string]string{
			"id": "sub", "firstName": "given_name", "lastName": "family_name", "displayName": "name",
			"email": "email", "phone": "phone_number", "preferredLanguage": "locale",
		},
	}.Play(t, w)
}
