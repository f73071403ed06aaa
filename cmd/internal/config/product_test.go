package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/product"
)

// answers are an operator's, to every product's questions.
func answers(p product.Product) map[string]string {
	all := map[string]string{
		"url": "https://there.example.be", "realm": "people", "tenant": "example", "tenant-id": "7f0c7c2e-6b1f-4f0b-9a9c-2f4f5e0c9c3a",
	}
	maps.DeleteFunc(all, func(flag, _ string) bool {
		return !slices.ContainsFunc(p.Asks, func(q product.Question) bool { return q.Flag == flag })
	})
	return all
}

// suitable is the entry that client new makes for a product, after a change, as a configuration.
func suitable(t *testing.T, name string, change func(*product.Entry)) string {
	t.Helper()
	p, ok := product.Find(name)
	if !ok {
		t.Fatalf("there is no product %s", name)
	}
	complete, err := p.Complete(answers(p))
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Suitable(complete, true)
	if err != nil {
		t.Fatal(err)
	}
	e.EmailVerified = p.Needs.VerifiedEmail != "" // which its operator has to say
	e.ID, e.Name, e.SecretHash = "it", "It", "sha256:"+strings.Repeat("ab", 32)
	if e.Home == "" {
		e.Home = "https://www.example.be/"
	}
	if len(e.RedirectURIs) == 0 {
		e.RedirectURIs = []string{"https://there.example.be/callback"}
	}
	if e.Profile == "fapi2" || e.AuthMethod == "none" {
		e.SecretHash = ""
	}
	if e.Profile == "fapi2" {
		e.JWKSURI = "https://there.example.be/jwks.json"
	}
	r := product.Registration{Product: p, Entry: e, Answers: complete}
	r, err = r.Settle()
	if err != nil {
		t.Fatal(err)
	}
	e = r.Entry
	if change != nil {
		change(&e)
	}
	text, err := e.YAML()
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(base, "clients:")
	return before + "session: {ttl: 1h}\n" + string(text)
}

// What we print for a product is without a problem, and contradicts nothing that we know of it.
func TestAnEntryForAProductSuitsIt(t *testing.T) {
	for _, name := range product.Names() {
		t.Run(name, func(t *testing.T) {
			c, err := config.Parse("a.yaml", []byte(suitable(t, name, nil)), Environment)
			if err != nil {
				t.Fatal(err)
			}
			for _, warning := range c.Warnings() {
				if strings.HasPrefix(warning.Path, "clients") && !strings.Contains(warning.Text, "itself") {
					t.Errorf("%s", warning)
				}
			}
			if found, ok := c.Product("it"); name != "plain" && (!ok || found.Name != name) {
				t.Errorf("it is for %q", found.Name)
			}
		})
	}
}

func TestWhatContradictsAProductIsNamed(t *testing.T) {
	no := false
	for _, row := range []struct {
		product string
		change  func(*product.Entry)
		path    string
		text    string
	}{
		{"keycloak", func(e *product.Entry) { e.IDTokenClaims = false }, "id_token_claims", "Trust Email"},
		{"keycloak", func(e *product.Entry) { e.AuthMethod, e.SecretHash = "none", "" }, "auth_method", "client_secret_post or client_secret_basic or private_key_jwt"},
		{"keycloak", func(e *product.Entry) { e.RedirectURIs = []string{"https://there.example.be/callback"} }, "redirect_uris", "/broker/…/endpoint"},
		{"keycloak", func(e *product.Entry) { e.RequireDPoP = true }, "dpop_bound_access_tokens", "cannot prove a key"},
		{"keycloak", func(e *product.Entry) { e.RequirePushed = true }, "require_pushed_authorization_requests", "cannot push"},
		{"keycloak", func(e *product.Entry) { e.Scopes = append(e.Scopes, "offline_access") }, "scopes", "no refresh tokens"},
		{"passport", func(e *product.Entry) { e.PKCE = "" }, "pkce", "sends no code_challenge; write or_nonce"},
		{"passport", func(e *product.Entry) { e.UserinfoAlg = "RS256" }, "userinfo_signed_response_alg", "as a JWT"},
		{"oauth2-proxy", func(e *product.Entry) { e.Scopes = []string{"profile"} }, "scopes", "refuses people without the claims of email"},
		{"entra", func(e *product.Entry) { e.FlatAddress = false; e.Scopes = []string{"address"} }, "flat_address", "nobody's address"},
		{"entra", func(e *product.Entry) { e.SigningAlg = "ES256" }, "signing_alg", "does not verify ES256; write RS256"},
		{"entra", func(e *product.Entry) { e.EmailVerified = false }, "email_verified", "no account for an address that is not verified. CM verifies no address: assert it only if you do yourself"},
		{"entra", func(e *product.Entry) { e.Scopes = []string{"profile"} }, "scopes", "the claims of email"},
		{"entra", func(e *product.Entry) { e.AuthMethod = "client_secret_basic" }, "auth_method", "write client_secret_post or private_key_jwt"},
		{"supabase", func(e *product.Entry) { e.EmailVerified = false }, "email_verified", "do not switch its Confirm email off"},
		{"supabase", func(e *product.Entry) { e.IDTokenClaims = false }, "id_token_claims", "ID token alone"},
		{"okta", func(e *product.Entry) { e.IDTokenClaims = false }, "id_token_claims", "without a userinfo endpoint"},
		{"okta", func(e *product.Entry) { e.Scopes = []string{"profile"} }, "scopes", "the claims of email"},
		{"cognito", func(e *product.Entry) { e.AuthMethod = "client_secret_basic" }, "auth_method", "write client_secret_post"},
		{"cognito", func(e *product.Entry) { e.PKCE = "" }, "pkce", "sends no code_challenge"},
		{"cognito", func(e *product.Entry) { e.SigningAlg = "EdDSA" }, "signing_alg", "write RS256 or ES256"},
		{"b2c", func(e *product.Entry) { e.PKCE = "" }, "pkce", "sends no code_challenge; write or_nonce"},
		{"b2c", func(e *product.Entry) {
			e.RedirectURIs = []string{"https://example.b2clogin.com/example.onmicrosoft.com/b2c_1a_signin/oauth2/authresp"}
		}, "redirect_uris", "/oauth2/authresp"},
		{"b2c", func(e *product.Entry) { e.ResponseTypes = []string{"id_token"} }, "", ""}, // it can be told to
		{"google", func(e *product.Entry) { e.IDTokenClaims = false }, "id_token_claims", "ID token alone"},
		{"authentik", func(e *product.Entry) { e.PKCE = "or_nonce" }, "", ""}, // it does send a code_challenge
		{"zitadel", func(e *product.Entry) { e.SigningAlg = "EdDSA" }, "signing_alg", "does not verify EdDSA"},
		{"auth0", func(e *product.Entry) { e.SigningAlg = "EdDSA" }, "signing_alg", "does not verify EdDSA"},
		{"auth0", func(e *product.Entry) { e.ResponseTypes = []string{"id_token"} }, "", ""},
		{"apache", func(e *product.Entry) { yes := true; e.ResponseISS = &yes }, "response_iss", "without iss"},
		{"authjs", func(e *product.Entry) { e.IDTokenClaims = false }, "id_token_claims", "ID token alone"},
		{"dex", func(e *product.Entry) { e.OnExpiry = "restart" }, "on_expiry", "authentication_expired"},
		{"okta", func(e *product.Entry) { e.ResponseTypes = []string{"id_token"} }, "response_types", "asks for code"},
		{"django", func(e *product.Entry) { e.ResponseISS = &no }, "", ""}, // harmless
	} {
		c, err := config.Parse("a.yaml", []byte(suitable(t, row.product, row.change)), Environment)
		if err != nil {
			t.Errorf("%s: %v", row.product, err)
			continue
		}
		named := slices.ContainsFunc(c.Warnings(), func(w config.Problem) bool {
			return w.Path == "clients[0]."+row.path && strings.Contains(w.Text, row.text)
		})
		if row.path != "" && !named {
			t.Errorf("%s: %s is not named: %v", row.product, row.path, c.Warnings())
		}
		if row.path == "" && contradicted(c) {
			t.Errorf("%s: what it can do is named: %v", row.product, c.Warnings())
		}
	}
}

// contradicted reports whether something is said of the first client and its product.
func contradicted(c *config.Config) bool {
	p, _ := c.Product("it")
	return slices.ContainsFunc(c.Warnings(), func(w config.Problem) bool {
		return strings.HasPrefix(w.Path, "clients[0]") && strings.HasPrefix(w.Text, p.Title+" ")
	})
}

// A cloud's servers reach neither this machine nor anything by http, and Cognito's no other port.
func TestAProductInTheCloudNeedsAnAddressInTheInternet(t *testing.T) {
	for _, row := range []struct{ product, issuer, want string }{
		{"auth0", "http://127.0.0.1:8080", "from the Internet, by https"},
		{"auth0", "https://login.example.be:8443", ""},
		{"cognito", "https://login.example.be:8443", "no port but 443"},
		{"cognito", "https://login.example.be", ""},
		{"zitadel", "http://127.0.0.1:8080", ""},
	} {
		text := strings.Replace(suitable(t, row.product, nil), "https://login.example.be", row.issuer, 1)
		c, err := config.Parse("a.yaml", []byte(text), Environment)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, w := range c.Warnings() {
			if w.Path == "clients[0].for" {
				said += w.Text
			}
		}
		if !strings.Contains(said, row.want) || row.want == "" && said != "" {
			t.Errorf("%s at %s: said %q, want %q", row.product, row.issuer, said, row.want)
		}
	}
}

func TestAMisspeltProductIsRecognised(t *testing.T) {
	text := strings.Replace(suitable(t, "keycloak", nil), "for: keycloak", "for: keyclaok", 1)
	_, err := config.Parse("a.yaml", []byte(text), Environment)
	if err == nil || !strings.Contains(err.Error(), `clients[0].for: is "keyclaok"; did you mean keycloak? Or write keycloak, zitadel`) {
		t.Errorf("%v", err)
	}
}

// Nor does https help where the host is within: the Internet reaches no private address.
func TestTheInternetReachesNoPrivateAddress(t *testing.T) {
	for _, row := range []struct {
		issuer string
		named  bool
	}{
		{"https://login.example.be", false},
		{"https://localhost:8443", true},
		{"https://127.0.0.1:8443", true},
		{"https://10.0.0.3", true},
		{"https://[fd00::1]", true},
	} {
		c, err := config.Parse("a.yaml", []byte(strings.Replace(suitable(t, "auth0", nil), "https://login.example.be", row.issuer, 1)), Environment)
		if err != nil {
			t.Errorf("%s: %v", row.issuer, err)
			continue
		}
		if named := slices.ContainsFunc(c.Warnings(), func(w config.Problem) bool { return w.Path == "clients[0].for" }); named != row.named {
			t.Errorf("%s: named %t: %v", row.issuer, named, c.Warnings())
		}
	}
}

// Who gets nothing but ID tokens never comes to /token, and has every claim in them.
func TestAClientWithoutACodeContradictsNothing(t *testing.T) {
	c, err := config.Parse("a.yaml", []byte(suitable(t, "google", func(e *product.Entry) {
		e.AuthMethod, e.SecretHash, e.PKCE, e.IDTokenClaims, e.ResponseTypes = "none", "", "", false, []string{"id_token"}
	})), Environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Warnings() {
		if w.Path == "clients[0].auth_method" || w.Path == "clients[0].id_token_claims" || w.Path == "clients[0].pkce" {
			t.Errorf("%s", w)
		}
	}
}
