//go:build products

// Package auth0_test plays Auth0 with what `client new --for auth0` writes.
package auth0_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme/sandbox"
)

const redirect = "https://example.eu.auth0.com/login/callback"

// attributeMap is what Auth0 makes users of.
type attributeMap struct {
	Mode       string            `json:"mapping_mode"`
	Attributes map[string]string `json:"attributes"`
}

// resource is an auth0_connection, with the arguments of Auth0's Terraform provider.
type resource struct {
	Name     string `json:"name"`
	Display  string `json:"display_name"`
	Strategy string `json:"strategy"`
	Button   bool   `json:"show_as_button"`
	Options  struct {
		Type         string   `json:"type"`
		ClientID     string   `json:"client_id"`
		ClientSecret string   `json:"client_secret"`
		Discovery    string   `json:"discovery_url"`
		Issuer       string   `json:"issuer"`
		Authorize    string   `json:"authorization_endpoint"`
		Token        string   `json:"token_endpoint"`
		Keys         string   `json:"jwks_uri"`
		Scopes       []string `json:"scopes"`
		Method       string   `json:"token_endpoint_auth_method"`
		Algorithm    string   `json:"token_endpoint_auth_signing_alg"`
		Settings     struct {
			PKCE string `json:"pkce"`
		} `json:"connection_settings"`
		Map struct {
			Mode       string `json:"mapping_mode"`
			Attributes string `json:"attributes"`
		} `json:"attribute_map"`
	} `json:"options"`
}

// connection is what the Management API takes.
type connection struct {
	Name     string `json:"name"`
	Display  string `json:"display_name"`
	Strategy string `json:"strategy"`
	Button   bool   `json:"show_as_button"`
	Options  struct {
		Type         string `json:"type"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		Discovery    string `json:"discovery_url"`
		Scope        string `json:"scope"`
		Method       string `json:"token_endpoint_auth_method"`
		Algorithm    string `json:"token_endpoint_auth_signing_alg"`
		Settings     struct {
			PKCE string `json:"pkce"`
		} `json:"connection_settings"`
		Map attributeMap `json:"attribute_map"`
	} `json:"options"`
}

// mapped is the claim of each attribute, of ${context.tokenset.CLAIM}.
func mapped(t *testing.T, m attributeMap) map[string]string {
	t.Helper()
	if m.Mode != "use_map" {
		t.Errorf("the map is not used: %s", m.Mode)
	}
	claims := map[string]string{}
	for attribute, from := range m.Attributes {
		claim, ok := strings.CutPrefix(from, "${context.tokenset.")
		if !ok || !strings.HasSuffix(claim, "}") {
			t.Errorf("%s is made of %s", attribute, from)
		}
		claims[attribute] = strings.TrimSuffix(claim, "}")
	}
	return claims
}

// own is its key, where it is told to authenticate by one.
func own(key *e2e.Key, method, algorithm string) *e2e.Key {
	if method == "private_key_jwt" && algorithm == "RS256" {
		return key
	}
	return nil
}

func viaTerraform(t *testing.T, c *e2e.Client, key *e2e.Key) e2e.Player {
	t.Helper()
	var r resource
	c.Terraform("auth0.tf", "auth0_connection", &r)
	o := r.Options
	m := attributeMap{Mode: o.Map.Mode}
	if err := json.Unmarshal([]byte(o.Map.Attributes), &m.Attributes); err != nil {
		t.Fatal(err)
	}
	return e2e.Player{
		Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.ClientSecret, Redirect: redirect, Scopes: o.Scopes,
		Told: map[string]string{"authorization_endpoint": o.Authorize, "token_endpoint": o.Token, "jwks_uri": o.Keys},
		Key:  own(key, o.Method, o.Algorithm), PKCE: o.Settings.PKCE == "s256", Style: oauth2.AuthStyleInParams,
		Algorithms: []string{"RS256", "PS256", "ES256"}, Maps: mapped(t, m),
	}
}

func viaManagementAPI(t *testing.T, c *e2e.Client, key *e2e.Key) e2e.Player {
	t.Helper()
	var r connection
	c.JSON("auth0.json", &r)
	o := r.Options
	issuer, ok := strings.CutSuffix(o.Discovery, "/.well-known/openid-configuration")
	if !ok || r.Strategy != "oidc" {
		t.Errorf("strategy %s, discovery %s", r.Strategy, o.Discovery)
	}
	return e2e.Player{
		Issuer: issuer, ClientID: o.ClientID, Secret: o.ClientSecret, Redirect: redirect, Scopes: strings.Fields(o.Scope),
		Key: own(key, o.Method, o.Algorithm), PKCE: o.Settings.PKCE == "s256", Style: oauth2.AuthStyleInParams,
		Algorithms: []string{"RS256", "PS256", "ES256"}, Maps: mapped(t, o.Map),
	}
}

func flags(more ...string) []string {
	return slices.Concat([]string{
		"--for", "auth0", "--name", "The shop", "--url", "https://example.eu.auth0.com", "--scopes", "profile,email,phone,address",
	}, more)
}

// both are Auth0 as Terraform makes it, and as the Management API does.
func both(t *testing.T, c *e2e.Client, key *e2e.Key) map[string]e2e.Player {
	t.Helper()
	return map[string]e2e.Player{"Terraform": viaTerraform(t, c, key), "the Management API": viaManagementAPI(t, c, key)}
}

func TestTheBackChannelLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	for name, p := range both(t, w.NewClient(flags()...), nil) {
		t.Run(name, func(t *testing.T) { p.Play(t, w) })
	}
}

func TestTheBackChannelLogsPeopleInByAKey(t *testing.T) {
	w, key := e2e.Start(t), e2e.NewKey(t)
	for name, p := range both(t, w.NewClient(flags("--auth-method", "private_key_jwt", "--jwks-file", key.File)...), key) {
		t.Run(name, func(t *testing.T) { p.Play(t, w) })
	}
}

func TestTheFrontChannelLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	for name, p := range both(t, w.NewClient(flags("--response-types", "id_token")...), nil) {
		if p.Secret != "" || p.PKCE {
			t.Errorf("%s: the front channel has neither a secret nor PKCE", name)
		}
		p.Nonce, p.Mode = true, "form_post"
		t.Run(name, func(t *testing.T) { p.Play(t, w) })
	}
}

// The guides say how people stay who they are when a product gets a new domain.
func TestANewDomainMakesNobodyAStranger(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient(flags()...)
	p := viaTerraform(t, c, nil)
	before := p.LogsIn(t, w, sandbox.Full)["sub"]

	p.Redirect = "https://login.shop.example/login/callback"
	c.Set("redirect_uris: [" + p.Redirect + "]")
	if p.LogsIn(t, w, sandbox.Full)["sub"] == before {
		t.Error("sub is not made for the host of the redirect URI: then the guides need not warn")
	}
	c.Set("sector_identifier: example.eu.auth0.com")
	if after := p.LogsIn(t, w, sandbox.Full)["sub"]; after != before {
		t.Errorf("sub was %v, and is %v", before, after)
	}
}
