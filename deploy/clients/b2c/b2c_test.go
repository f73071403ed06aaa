//go:build products

// Package b2c_test plays Azure AD B2C with what `client new --for b2c` writes.
package b2c_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"itsme-bridge/deploy/internal/e2e"
)

const discovery = "/.well-known/openid-configuration"

// claimsProvider is a piece of a custom policy.
type claimsProvider struct {
	Domain  string `xml:"Domain"`
	Profile struct {
		ID       string `xml:"Id,attr"`
		Protocol struct {
			Name string `xml:"Name,attr"`
		} `xml:"Protocol"`
		Metadata []struct {
			Key   string `xml:"Key,attr"`
			Value string `xml:",chardata"`
		} `xml:"Metadata>Item"`
		Keys []struct {
			ID      string `xml:"Id,attr"`
			Storage string `xml:"StorageReferenceId,attr"`
		} `xml:"CryptographicKeys>Key"`
		Output []struct {
			Claim   string `xml:"ClaimTypeReferenceId,attr"`
			Partner string `xml:"PartnerClaimType,attr"`
			Default string `xml:"DefaultValue,attr"`
		} `xml:"OutputClaims>OutputClaim"`
	} `xml:"TechnicalProfiles>TechnicalProfile"`
}

// userFlow is an openIdConnectIdentityProvider of Microsoft Graph.
type userFlow struct {
	Type         string            `json:"@odata.type"`
	Display      string            `json:"displayName"`
	ClientID     string            `json:"clientId"`
	ClientSecret string            `json:"clientSecret"`
	Discovery    string            `json:"metadataUrl"`
	ResponseType string            `json:"responseType"`
	ResponseMode string            `json:"responseMode"`
	Scope        string            `json:"scope"`
	DomainHint   string            `json:"domainHint"`
	Claims       map[string]string `json:"claimsMapping"`
}

// player is B2C, whose state is an object of its own.
func player(issuer, clientID, secret, scope, mode string, mapping map[string]string) e2e.Player {
	return e2e.Player{
		Issuer: strings.TrimSuffix(issuer, discovery), ClientID: clientID, Secret: secret, Scopes: strings.Fields(scope), Mode: mode,
		Redirect: "https://example.b2clogin.com/example.onmicrosoft.com/oauth2/authresp",
		Nonce:    true, State: "StateProperties=eyJTSUQiOiJ4LW1zLWNwaW0tcmMifQ", Also: map[string]string{"ui_locales": "nl-BE"},
		Style: oauth2.AuthStyleInParams, Algorithms: []string{"RS256"}, Maps: mapping,
	}
}

// viaCustomPolicy is B2C with b2c.xml. What CryptographicKeys names, the steps have put there: the secret, or its key.
func viaCustomPolicy(t *testing.T, c *e2e.Client, responseType string, key *e2e.Key) e2e.Player {
	t.Helper()
	var p claimsProvider
	c.XML("b2c.xml", &p)
	items, mapping := map[string]string{}, map[string]string{}
	for _, item := range p.Profile.Metadata {
		items[item.Key] = item.Value
	}
	for _, claim := range p.Profile.Output {
		if claim.Default == "" {
			mapping[claim.Claim] = claim.Partner
		}
	}
	want := map[string]string{"response_types": responseType, "HttpBinding": "POST", "UsePolicyInRedirectUri": "false"}
	secret, keys := "", "[]"
	switch {
	case key != nil:
		want["token_endpoint_auth_method"], want["token_signing_algorithm"], keys = "private_key_jwt", "RS256", "[{assertion_signing_key B2C_1A_ItsmeKey}]"
	case responseType == "code":
		want["token_endpoint_auth_method"], secret, keys = "client_secret_post", c.Secret, "[{client_secret B2C_1A_ItsmeSecret}]"
	}
	if got := fmt.Sprint(p.Profile.Keys); got != keys {
		t.Errorf("the keys are %s, want %s", got, keys)
	}
	for key, value := range want {
		if items[key] != value {
			t.Errorf("%s is %q, want %q", key, items[key], value)
		}
	}
	if p.Profile.Protocol.Name != "OpenIdConnect" || mapping["issuerUserId"] != "sub" {
		t.Errorf("the profile speaks %s, and people are %s", p.Profile.Protocol.Name, mapping["issuerUserId"])
	}
	its := player(items["METADATA"], items["client_id"], secret, items["scope"], items["response_mode"], mapping)
	its.Key = key
	return its
}

func viaUserFlow(t *testing.T, c *e2e.Client, responseType string) e2e.Player {
	t.Helper()
	var f userFlow
	c.JSON("b2c-user-flow.json", &f)
	if f.ResponseType != responseType || f.Claims["userId"] != "sub" {
		t.Errorf("it asks for %s, and people are %s", f.ResponseType, f.Claims["userId"])
	}
	return player(f.Discovery, f.ClientID, f.ClientSecret, f.Scope, f.ResponseMode, f.Claims)
}

const usual = "--for b2c --name shop --tenant example --scopes profile,email,address"

func TestB2CLogsPeopleInByAKey(t *testing.T) {
	w, key := e2e.Start(t), e2e.NewKey(t)
	c := w.NewClient(append(strings.Fields(usual), "--auth-method", "private_key_jwt", "--jwks-file", key.File)...)
	viaCustomPolicy(t, c, "code", key).Play(t, w)
}

func TestB2CLogsPeopleIn(t *testing.T) {
	for _, responseType := range []string{"code", "id_token"} {
		t.Run(responseType, func(t *testing.T) {
			w := e2e.Start(t)
			c := w.NewClient(append(strings.Fields(usual), "--response-types", responseType)...)
			t.Run("by a custom policy", func(t *testing.T) { viaCustomPolicy(t, c, responseType, nil).Play(t, w) })
			t.Run("by a user flow", func(t *testing.T) { viaUserFlow(t, c, responseType).Play(t, w) })
		})
	}
}
