//go:build products

// Package cognito_test plays Amazon Cognito with what `client new --for cognito` writes.
package cognito_test

import (
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

// resource is an aws_cognito_identity_provider, with the arguments of AWS's Terraform provider.
type resource struct {
	Pool    string            `json:"user_pool_id"`
	Name    string            `json:"provider_name"`
	Type    string            `json:"provider_type"`
	Details details           `json:"provider_details"`
	Map     map[string]string `json:"attribute_mapping"`
}

// input is what `aws cognito-idp create-identity-provider` takes.
type input struct {
	Name    string            `json:"ProviderName"`
	Type    string            `json:"ProviderType"`
	Details details           `json:"ProviderDetails"`
	Map     map[string]string `json:"AttributeMapping"`
}

type details struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Method       string `json:"attributes_request_method"`
	Add          string `json:"attributes_url_add_attributes"`
	Issuer       string `json:"oidc_issuer"`
	Authorize    string `json:"authorize_url"`
	Token        string `json:"token_url"`
	Attributes   string `json:"attributes_url"`
	Keys         string `json:"jwks_uri"`
	Scopes       string `json:"authorize_scopes"`
}

// player is Cognito. Its states are long, as it keeps there what it was asked.
func (d details) player(mapping map[string]string) e2e.Player {
	return e2e.Player{
		Issuer: d.Issuer, ClientID: d.ClientID, Secret: d.ClientSecret, Scopes: strings.Fields(d.Scopes),
		Redirect: "https://example.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse",
		Nonce:    true, State: "H4sIAAAA" + strings.Repeat("AAAA_-Zz", 80), Style: oauth2.AuthStyleInParams,
		Algorithms: []string{"RS256", "ES256"}, Userinfo: true, Maps: mapping,
	}
}

func TestCognitoLogsPeopleIn(t *testing.T) {
	w := e2e.Start(t)
	c := w.NewClient("--for", "cognito", "--name", "The shop", "--url", "https://example.auth.eu-west-1.amazoncognito.com",
		"--scopes", "profile,email,phone,address")
	var r resource
	c.Terraform("cognito.tf", "aws_cognito_identity_provider", &r)
	byTerraform := r.Details.player(r.Map)
	byTerraform.Told = map[string]string{
		"authorization_endpoint": r.Details.Authorize, "token_endpoint": r.Details.Token,
		"userinfo_endpoint": r.Details.Attributes, "jwks_uri": r.Details.Keys,
	}
	t.Run("as Terraform makes it", func(t *testing.T) { byTerraform.Play(t, w) })

	var in input
	c.JSON("cognito.json", &in)
	player := in.Details.player(in.Map)
	t.Run("as the AWS CLI makes it", func(t *testing.T) { player.Play(t, w) })
	if r.Type != "OIDC" || in.Type != "OIDC" || r.Name != in.Name || in.Map["username"] != "sub" {
		t.Errorf("the two make %s %s and %s %s, of %s", r.Type, r.Name, in.Type, in.Name, in.Map["username"])
	}

	// No document says that it sends a nonce. The guide says what helps if it does not.
	c.Set("pkce: optional")
	player.Nonce = false
	t.Run("without a nonce", func(t *testing.T) { player.Play(t, w) })
}
