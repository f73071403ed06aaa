//go:build products

// Package authentik_test plays authentik with what `client new --for authentik` writes.
package authentik_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

// source is an OAuth source: an authentik_source_oauth with the arguments of
// authentik's Terraform provider, and an entry of a blueprint.
type source struct {
	Name           string   `json:"name" yaml:"name"`
	Slug           string   `json:"slug" yaml:"-"` // which is how a blueprint knows it
	Enabled        bool     `json:"-" yaml:"enabled"`
	Authentication any      `json:"authentication_flow" yaml:"authentication_flow"`
	Enrollment     any      `json:"enrollment_flow" yaml:"enrollment_flow"`
	Type           string   `json:"provider_type" yaml:"provider_type"`
	Discovery      string   `json:"oidc_well_known_url" yaml:"oidc_well_known_url"`
	ClientID       string   `json:"consumer_key" yaml:"consumer_key"`
	ClientSecret   string   `json:"consumer_secret" yaml:"consumer_secret"`
	AuthMethod     string   `json:"authorization_code_auth_method" yaml:"authorization_code_auth_method"`
	PKCE           string   `json:"pkce" yaml:"pkce"`
	Scopes         string   `json:"additional_scopes" yaml:"additional_scopes"`
	Mappings       []string `json:"property_mappings" yaml:"user_property_mappings"`
	Matching       string   `json:"user_matching_mode" yaml:"user_matching_mode"`
}

// blueprint is an authentik.yaml.
type blueprint struct {
	Version  int               `yaml:"version"`
	Metadata map[string]string `yaml:"metadata"`
	Entries  []struct {
		Model       string            `yaml:"model"`
		ID          string            `yaml:"id"`
		Identifiers map[string]string `yaml:"identifiers"`
		Attributes  struct {
			source     `yaml:",inline"`
			Expression string `yaml:"expression"`
		} `yaml:"attrs"`
	} `yaml:"entries"`
}

// player is authentik. A star before its scopes takes the place of those that it asks for by itself.
func (s source) player(t *testing.T) e2e.Player {
	t.Helper()
	issuer, ok := strings.CutSuffix(s.Discovery, "/.well-known/openid-configuration")
	scopes, alone := strings.CutPrefix(s.Scopes, "*")
	style, known := map[string]oauth2.AuthStyle{"basic_auth": oauth2.AuthStyleInHeader, "post_body": oauth2.AuthStyleInParams}[s.AuthMethod]
	if !ok || !alone || !known || s.Type != "openidconnect" || s.Matching != "identifier" || len(s.Mappings) != 1 {
		t.Errorf("the source is %+v", s)
	}
	return e2e.Player{
		Issuer: issuer, ClientID: s.ClientID, Secret: s.ClientSecret, Scopes: strings.Fields(scopes),
		Redirect: "https://auth.example.be/source/oauth/callback/" + s.Slug + "/",
		PKCE:     s.PKCE == "S256", Style: style, Userinfo: true,
		Maps: map[string]string{"identifier": "sub", "username": "sub", "email": "email", "name": "name"},
	}
}

func TestAuthentikLinksAccountsByVerifiedAddressesAlone(t *testing.T) {
	var s source
	var b blueprint
	c := e2e.Start(t).NewClient("--for", "authentik", "--name", "The shop", "--url", "https://auth.example.be", "--email-verified")
	c.Terraform("authentik.tf", "authentik_source_oauth", &s)
	c.YAML("authentik.yaml", &b)
	if s.Matching != "email_link" || b.Entries[1].Attributes.Matching != "email_link" {
		t.Errorf("accounts are linked by %s and %s", s.Matching, b.Entries[1].Attributes.Matching)
	}
}

func TestAuthentikLogsPeopleIn(t *testing.T) {
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		t.Run(method, func(t *testing.T) {
			w := e2e.Start(t)
			c := w.NewClient("--for", "authentik", "--name", "The shop", "--url", "https://auth.example.be", "--auth-method", method)
			var byTerraform source
			c.Terraform("authentik.tf", "authentik_source_oauth", &byTerraform)
			t.Run("as Terraform makes it", func(t *testing.T) { byTerraform.player(t).Play(t, w) })

			var b blueprint
			c.YAML("authentik.yaml", &b)
			names := []string{}
			for _, entry := range b.Entries {
				names = append(names, entry.Model)
			}
			if !slices.Equal(names, []string{"authentik_sources_oauth.oauthsourcepropertymapping", "authentik_sources_oauth.oauthsource"}) {
				t.Fatalf("the blueprint has %v", names)
			}
			byBlueprint := b.Entries[1].Attributes.source
			byBlueprint.Slug = b.Entries[1].Identifiers["slug"]
			if !byBlueprint.Enabled || byBlueprint.Mappings[0] != b.Entries[0].ID {
				t.Errorf("the source is %+v", byBlueprint)
			}
			t.Run("as a blueprint makes it", func(t *testing.T) { byBlueprint.player(t).Play(t, w) })
		})
	}
}
