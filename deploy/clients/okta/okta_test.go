//go:build products

// Package okta_test plays Okta with what `client new --for okta` writes.
package okta_test

import (
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

// resource is an okta_idp_oidc, with the arguments of Okta's Terraform provider.
type resource struct {
	Name                 string   `json:"name"`
	Issuer               string   `json:"issuer_url"`
	AuthorizationURL     string   `json:"authorization_url"`
	AuthorizationBinding string   `json:"authorization_binding"`
	TokenURL             string   `json:"token_url"`
	TokenBinding         string   `json:"token_binding"`
	KeysURL              string   `json:"jwks_url"`
	KeysBinding          string   `json:"jwks_binding"`
	UserinfoURL          string   `json:"user_info_url"`
	UserinfoBinding      string   `json:"user_info_binding"`
	ClientID             string   `json:"client_id"`
	ClientSecret         string   `json:"client_secret"`
	PKCE                 bool     `json:"pkce_required"`
	Signature            string   `json:"request_signature_scope"`
	Scopes               []string `json:"scopes"`
	Username             string   `json:"username_template"`
	Linking              string   `json:"account_link_action"`
}

func TestOktaLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient("--for", "okta", "--name", "The shop", "--url", "https://dev-1.okta.com", "--scopes", "profile,email,phone")
	var okta resource
	c.Terraform("okta.tf", "okta_idp_oidc", &okta)
	var vouched resource
	w.NewClient("--for", "okta", "--id", "vouched", "--name", "The shop", "--url", "https://dev-1.okta.com", "--email-verified").Terraform("okta.tf", "okta_idp_oidc", &vouched)
	if okta.Linking != "DISABLED" || vouched.Linking != "AUTO" {
		t.Errorf("accounts are linked by addresses, which nobody has verified: %s, and which somebody has: %s", okta.Linking, vouched.Linking)
	}
	e2e.Player{
		Issuer: okta.Issuer, ClientID: okta.ClientID, Secret: okta.ClientSecret, Scopes: okta.Scopes,
		Redirect: "https://dev-1.okta.com/oauth2/v1/authorize/callback",
		Told: map[string]string{
			"authorization_endpoint": okta.AuthorizationURL, "token_endpoint": okta.TokenURL,
			"jwks_uri": okta.KeysURL, "userinfo_endpoint": okta.UserinfoURL,
		},
		PKCE: okta.PKCE, Nonce: true, Also: map[string]string{"display": "page"}, Style: oauth2.AuthStyleInParams,
		Algorithms: []string{"RS256"}, Userinfo: okta.UserinfoURL != "",
		Maps: map[string]string{
			"externalId": "sub", "email": "email", "firstName": "given_name", "lastName": "family_name",
			"displayName": "name", "mobilePhone": "phone_number",
		},
	}.Play(t, w)
}
