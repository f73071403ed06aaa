package provider_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

const (
	openidConfiguration = "/.well-known/openid-configuration"
	oauthServer         = "/.well-known/oauth-authorization-server"
)

func get(path string) *message {
	return &message{method: http.MethodGet, path: path, header: http.Header{}}
}

// OpenID Connect Discovery 1.0 §3, RFC 8414 §2: every member, for clients that
// use everything there is.
func TestDiscovery(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), everything()...)
	var got map[string]any
	answer := b.send(get(openidConfiguration))
	answer.want(t, http.StatusOK, "")
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
		t.Fatal(err)
	}
	same(t, got, map[string]any{
		"issuer":                 b.issuer,
		"authorization_endpoint": b.issuer + "/authorize",
		"token_endpoint":         b.issuer + "/token",
		"userinfo_endpoint":      b.issuer + "/userinfo",
		"jwks_uri":               b.issuer + "/keys",
		"introspection_endpoint": b.issuer + "/introspect",
		"revocation_endpoint":    b.issuer + "/revoke",
		"end_session_endpoint":   b.issuer + "/logout",

		"pushed_authorization_request_endpoint": b.issuer + "/par",

		"scopes_supported": []string{"openid", "profile", "email", "phone", "address", "offline_access"},
		"claims_supported": []string{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "c_hash", "acr", "amr",
			"name", "given_name", "family_name", "gender", "birthdate", "locale", "email", "email_verified",
			"phone_number", "phone_number_verified", "address", "street_address", "postal_code", "locality", "country",
		},
		"claim_types_supported":                 []string{"normal"},
		"response_types_supported":              []string{"code", "id_token", "code id_token"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"grant_types_supported":                 []string{"authorization_code", "implicit", "refresh_token"},
		"prompt_values_supported":               []string{"login", "consent", "select_account", "create"},
		"subject_types_supported":               []string{"pairwise", "public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "EdDSA"}, // of the last there is a key, for userinfo
		"userinfo_signing_alg_values_supported": []string{"EdDSA"},
		"acr_values_supported":                  []string{"urn:a", "urn:b", "urn:old"},
		"ui_locales_supported":                  []string{"en", "nl", "fr", "de"},

		"token_endpoint_auth_methods_supported":         []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"},
		"introspection_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		"revocation_endpoint_auth_methods_supported":    []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"},

		"token_endpoint_auth_signing_alg_values_supported":         []string{"RS256", "PS256", "ES256", "EdDSA"},
		"introspection_endpoint_auth_signing_alg_values_supported": []string{"RS256", "PS256", "ES256", "EdDSA"},
		"revocation_endpoint_auth_signing_alg_values_supported":    []string{"RS256", "PS256", "ES256", "EdDSA"},
		"request_object_signing_alg_values_supported":              []string{"RS256", "PS256", "ES256", "EdDSA"},
		"dpop_signing_alg_values_supported":                        []string{"RS256", "PS256", "ES256", "EdDSA"},

		"code_challenge_methods_supported": []string{"S256"},

		"authorization_response_iss_parameter_supported": true,
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    true,
		"request_uri_parameter_supported":                true,
		"require_request_uri_registration":               true,
	})
	for _, path := range []string{oauthServer} {
		if other := b.send(get(path)); other.body != answer.body {
			t.Errorf("%s says something else: %s", path, other.body)
		}
	}
}

// everything are clients that together use all there is.
func everything() []client.Client {
	full := clientNamed("full", client.ClientSecretBasic, "x")
	full.Scopes = []string{"profile", "email", "phone", "address"}
	full.FlatAddress, full.ACR, full.AMR = true, "urn:b", []string{"mfa"}
	second := clientNamed("second", client.ClientSecretPost, "x")
	second.Subject, second.ACR, second.UserinfoAlg = client.Public, "urn:a", keys.EdDSA
	second.Scopes = []string{"offline_access"}
	second.PostLogoutRedirectURIs = []string{"https://app.example/"}
	third := clientNamed("third", client.None)
	third.ACR, third.ACRAliases = "urn:b", []string{"urn:old"}
	third.ResponseTypes = []string{"code", "id_token", "code id_token"}
	fourth := clientNamed("fourth", client.PrivateKeyJWT)
	fourth.Keys.URI, fourth.RequestURIs = "https://app.example/jwks", []string{"https://app.example/requests/"}
	return []client.Client{full, second, third, fourth}
}

// ID tokens can be signed by what some client has, and by what there is a key of: who is to switch to it finds it
// before that. RS256 is always there (OpenID Connect Discovery 1.0 §3), and first.
func TestDiscoveryListsTheAlgorithmsOfKeys(t *testing.T) {
	for _, row := range []struct {
		name      string
		client    keys.Algorithm
		published []keys.Algorithm
		want      []any
	}{
		{"RS256 alone", keys.RS256, []keys.Algorithm{keys.RS256}, []any{"RS256"}},
		{"a key that no client has asked for", keys.RS256, []keys.Algorithm{keys.RS256, keys.ES256}, []any{"RS256", "ES256"}},
		{"a client whose key is still to be made", keys.PS256, []keys.Algorithm{keys.EdDSA}, []any{"RS256", "PS256", "EdDSA"}},
		{"no keys yet", keys.ES256, nil, []any{"RS256", "ES256"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			body, err := provider.Discovery(provider.Config{Issuer: "https://bridge.example"}, []client.Client{with(func(c *client.Client) { c.SigningAlg = row.client })}, row.published)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			same(t, map[string]any{"is": got["id_token_signing_alg_values_supported"]}, map[string]any{"is": row.want})
		})
	}
}

// A member says no more than what the configured clients can use.
func TestDiscoveryOfFewer(t *testing.T) {
	fapi := clientNamed("fapi", client.PrivateKeyJWT)
	fapi.FAPI2 = true
	for _, row := range []struct {
		name    string
		clients []client.Client
		member  string
		want    any
	}{
		{"scopes", []client.Client{with(func(c *client.Client) { c.Scopes = []string{"email"} })}, "scopes_supported", []any{"openid", "email"}},
		{"claims of a scope", []client.Client{with(func(c *client.Client) { c.Scopes = []string{"email"} })}, "claims_supported", []any{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "email", "email_verified",
		}},
		{"a flat address only where it is wanted", []client.Client{with(func(c *client.Client) { c.Scopes = []string{"address"} })}, "claims_supported", []any{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "address",
		}},
		{"no acr", []client.Client{with()}, "acr_values_supported", nil},
		{"authentication", []client.Client{with()}, "token_endpoint_auth_methods_supported", []any{"client_secret_basic"}},
		{"nobody can introspect", []client.Client{clientNamed("spa", client.None)}, "introspection_endpoint", nil},
		{"nobody can introspect, in any way", []client.Client{clientNamed("spa", client.None)}, "introspection_endpoint_auth_methods_supported", nil},
		{"subject types", []client.Client{with(func(c *client.Client) { c.Subject = client.Public })}, "subject_types_supported", []any{"public"}},
		{"response types", []client.Client{with(func(c *client.Client) { c.ResponseTypes = []string{"id_token"} })}, "response_types_supported", []any{"id_token"}},
		{"an ID token is implicit", []client.Client{with(func(c *client.Client) { c.ResponseTypes = []string{"id_token"} })}, "grant_types_supported", []any{"authorization_code", "implicit"}},
		{"code alone", []client.Client{with()}, "grant_types_supported", []any{"authorization_code"}},
		{"no refresh tokens", []client.Client{with()}, "scopes_supported", []any{"openid", "profile", "email"}},
		{"FAPI 2.0 §5.4.1 algorithms", []client.Client{with(func(c *client.Client) {
			c.FAPI2, c.AuthMethod, c.Keys.URI = true, client.PrivateKeyJWT, "https://app.example/jwks"
		})}, "token_endpoint_auth_signing_alg_values_supported", []any{"PS256", "ES256", "EdDSA"}},
		{"RS256 for request objects, without a client of it (Discovery §3)", []client.Client{with(func(c *client.Client) {
			c.FAPI2, c.Keys.URI = true, "https://app.example/jwks"
		})}, "request_object_signing_alg_values_supported", []any{"RS256", "PS256", "ES256", "EdDSA"}},
		{"FAPI 2.0 §5.4.1 proofs", []client.Client{with(func(c *client.Client) { c.FAPI2 = true })}, "dpop_signing_alg_values_supported", []any{"PS256", "ES256", "EdDSA"}},
		{"RFC 9126 §5 all must push", []client.Client{with(func(c *client.Client) { c.RequirePushed = true }), fapi}, "require_pushed_authorization_requests", true},
		{"RFC 9126 §5 some must push", []client.Client{with(func(c *client.Client) { c.RequirePushed = true }), clientNamed("two", client.None)}, "require_pushed_authorization_requests", nil},
		{"RFC 9101 §10.5 all must sign", []client.Client{with(func(c *client.Client) { c.RequireSigned = true })}, "require_signed_request_object", true},
		{"RFC 9101 §10.5 some must sign", []client.Client{with(func(c *client.Client) { c.RequireSigned = true }), clientNamed("two", client.None)}, "require_signed_request_object", nil},
		{"no clients: nobody must", []client.Client{}, "require_pushed_authorization_requests", nil},
		{"no assertions", []client.Client{with()}, "token_endpoint_auth_signing_alg_values_supported", nil},
		{"no request objects", []client.Client{with()}, "request_parameter_supported", false},
		{"request objects", []client.Client{with(func(c *client.Client) { c.Keys.URI = "https://app.example/jwks" })}, "request_parameter_supported", true},
		{"no request_uris", []client.Client{with()}, "request_uri_parameter_supported", false},
		{"no logout", []client.Client{with()}, "end_session_endpoint", nil},
		{"no back-channel logout without sessions", []client.Client{with(func(c *client.Client) { c.BackChannelLogoutURI = "https://app.example/" })}, "backchannel_logout_supported", nil},
		{"no clients: response types", []client.Client{}, "response_types_supported", []any{"code"}},
		{"no clients: subject types", []client.Client{}, "subject_types_supported", []any{"pairwise"}},
		{"no clients: authentication", []client.Client{}, "token_endpoint_auth_methods_supported", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBackchannel(t, storagetest.New(t), row.clients...)
			b.provider.Register(row.clients)
			got := b.send(get(openidConfiguration)).json(t)[row.member]
			same(t, map[string]any{"is": got}, map[string]any{"is": row.want})
		})
	}
}

func with(change ...func(*client.Client)) client.Client {
	c := clientNamed("one", client.ClientSecretBasic, "x")
	for _, f := range change {
		f(&c)
	}
	return c
}

// The same clients make the same document, in whatever order they come.
func TestDiscoveryIsStable(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), everything()...)
	first := b.send(get(openidConfiguration))
	for range 20 {
		clients := everything()
		clients[0], clients[3] = clients[3], clients[0]
		b.provider.Register(clients)
		again := b.send(get(openidConfiguration))
		if again.body != first.body || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Fatalf("%s\n%s", first.body, again.body)
		}
	}
	b.provider.Register(everything()[:1])
	if changed := b.send(get(openidConfiguration)); changed.header.Get("ETag") == first.header.Get("ETag") {
		t.Error("other clients, the same ETag")
	}
}

// Discovery and keys may be kept, and are asked for again by their ETag (RFC 9110 §13.1.2).
func TestDocumentsAreCached(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for path, cacheControl := range map[string]string{
		openidConfiguration: "public, max-age=300", oauthServer: "public, max-age=300", "/keys": "public, max-age=900",
	} {
		first := b.send(get(path))
		first.want(t, http.StatusOK, "")
		etag := first.header.Get("ETag")
		if first.header.Get("Cache-Control") != cacheControl || first.header.Get("Content-Type") != "application/json" || len(etag) < 20 {
			t.Errorf("%s: %v", path, first.header)
		}
		if first.header.Get("X-Content-Type-Options") != "nosniff" || first.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %v", path, first.header)
		}
		for header, want := range map[string]int{etag: 304, "W/" + etag: 304, `"x", ` + etag: 304, "*": 304, `"x"`: 200} {
			m := get(path)
			m.header.Set("If-None-Match", header)
			again := b.send(m)
			if again.status != want || want == 304 && (again.body != "" || again.header.Get("ETag") != etag || again.header.Get("Cache-Control") != cacheControl) {
				t.Errorf("%s If-None-Match %s: %d %v", path, header, again.status, again.header)
			}
		}
		m := get(path)
		m.method = http.MethodHead
		if head := b.send(m); head.status != 200 || head.body != "" || head.header.Get("ETag") != etag {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
}

// RFC 7517 §4: kid, use and alg, and nothing private.
func TestKeysAreWhole(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal([]byte(b.send(get("/keys")).body), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != len(algorithms()) {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for _, key := range set.Keys {
		if key["kid"] == nil || key["use"] != "sig" || key["alg"] == nil {
			t.Errorf("key %v", key)
		}
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			if key[private] != nil {
				t.Errorf("the private member %s is published", private)
			}
		}
	}
}

// unready is a provider whose ring has never reached Redis, called without a network.
func unready(t *testing.T, issuer, path string) *httptest.ResponseRecorder {
	t.Helper()
	world := storagetest.New(t)
	ring := keys.NewRing(world.Store.Cell("keys", time.Hour), keys.Algorithms(), keys.DefaultPolicy(time.Hour), world.Now)
	p, err := provider.New(
		provider.Config{Issuer: issuer, Lease: 3, Upstream: 1, WriteBudget: 1},
		provider.Parts{Store: world.Store, Signer: ring, Now: world.Now, Log: slog.New(slog.DiscardHandler)},
	)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// No keys is no empty key set: clients would keep that.
func TestKeysBeforeThereAreAny(t *testing.T) {
	w := unready(t, "https://login.example", "/keys")
	reply{w.Code, w.Header(), w.Body.String()}.want(t, http.StatusServiceUnavailable, "temporarily_unavailable")
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

// Where browsers reach us by https, they are to stay there (RFC 6797); on
// loopback there is no https to stay on.
func TestClientsStayOnHTTPS(t *testing.T) {
	for _, path := range []string{"/userinfo", openidConfiguration, "/keys"} {
		if got := unready(t, "https://login.example", path).Header().Get("Strict-Transport-Security"); got == "" {
			t.Errorf("%s: no Strict-Transport-Security", path)
		}
		if got := unready(t, "http://localhost:8080", path).Header().Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s: Strict-Transport-Security %q", path, got)
		}
	}
}

// RFC 8414 §3.1: the issuer's path comes behind the well-known part, too.
func TestDiscoveryBehindTheWellKnownPart(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	u, err := url.Parse(b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+u.Host+oauthServer+u.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer := b.do(r); answer.status != http.StatusOK || answer.text(t, "issuer") != b.issuer {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

// What a client library makes of it.
func TestDiscoveryByGoOIDC(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t), everything()...)
	found, err := oidc.NewProvider(t.Context(), b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if e := found.Endpoint(); e.AuthURL != b.issuer+"/authorize" || e.TokenURL != b.issuer+"/token" {
		t.Errorf("%+v", e)
	}
	// Every address leads somewhere.
	for member, value := range b.send(get(openidConfiguration)).json(t) {
		address, ok := value.(string)
		if !ok || !strings.HasPrefix(address, b.issuer+"/") {
			continue
		}
		if answer := b.send(get(strings.TrimPrefix(address, b.issuer))); answer.status == http.StatusNotFound {
			t.Errorf("%s: nothing there", member)
		}
	}
}

// What sessions add (Discovery §3, Back-Channel Logout §2.1, Core §3.1.2.1).
func TestDiscoveryWithSessions(t *testing.T) {
	s := With(t, Options{
		Config: func(c *provider.Config) { c.Session.TTL = time.Hour },
		App:    func(c *client.Client) { c.BackChannelLogoutURI = "https://app.example/logout" },
	})
	answer, err := s.Call(openidConfiguration, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := answer.JSON()
	prompts, _ := got["prompt_values_supported"].([]any)
	claims, _ := got["claims_supported"].([]any)
	if !slices.Contains(prompts, any("none")) || !slices.Contains(claims, any("sid")) || got["end_session_endpoint"] != s.Issuer+"/logout" ||
		got["backchannel_logout_supported"] != true || got["backchannel_logout_session_supported"] != true {
		t.Error(answer.Body)
	}
}
