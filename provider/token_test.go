package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

func TestTokenResponse(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	answer := b.send(exchange(b.code()))
	answer.want(t, http.StatusOK, "")
	body := answer.json(t)
	if body["token_type"] != "Bearer" || body["expires_in"] != 300.0 || body["id_token"] == nil {
		t.Errorf("token response: %v", body)
	}
	if scope, told := body["scope"]; told {
		t.Errorf("scope %v is told although it is what was asked for (RFC 6749 §5.1)", scope)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json", "X-Content-Type-Options": "nosniff",
	} {
		if got := answer.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// RFC 6749 §5.1: scope is told where it is not what the client asked for.
func TestTokenScope(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		name, asked, granted, want string
	}{
		{"the same", "openid email", "openid email", ""},
		{"the same in another order, twice", "email openid  email", "openid email", ""},
		{"less than asked for", "openid email phone", "openid email", "openid email"},
		{"an unknown one", "openid blood_type", "openid", "openid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := b.send(exchange(b.code(func(g *grant.Grant) { g.Asked, g.Scope = row.asked, row.granted })))
			answer.want(t, http.StatusOK, "")
			if got := answer.text(t, "scope"); got != row.want {
				t.Errorf("scope %q, want %q", got, row.want)
			}
		})
	}
}

// Each row differs from a request that succeeds in one thing.
func TestTokenRefusals(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	set := func(name, value string) func(*message) { return func(m *message) { m.form.Set(name, value) } }
	del := func(name string) func(*message) { return func(m *message) { m.form.Del(name) } }
	add := func(name, value string) func(*message) { return func(m *message) { m.form.Add(name, value) } }
	query := func(name, value string) func(*message) { return func(m *message) { m.query.Set(name, value) } }
	for _, row := range []struct {
		name   string
		spoil  func(*message)
		status int
		code   string
	}{
		{"RFC 7636 §4.6: wrong verifier", set("code_verifier", strings.Repeat("g", 43)), 400, "invalid_grant"},
		{"RFC 7636 §4.6: no verifier", del("code_verifier"), 400, "invalid_grant"},
		{"RFC 7636 §4.6: empty verifier", set("code_verifier", ""), 400, "invalid_grant"},
		{"RFC 7636 §4.6: the challenge itself (plain)", set("code_verifier", challenge(verifier)), 400, "invalid_grant"},
		{"RFC 6749 §4.1.3: wrong redirect_uri", set("redirect_uri", "https://app.example/callback"), 400, "invalid_grant"},
		{"RFC 6749 §4.1.3: no redirect_uri", del("redirect_uri"), 400, "invalid_request"},
		{"RFC 6749 §4.1.3: no code", del("code"), 400, "invalid_request"},
		{"RFC 6749 §4.1.3: empty code", set("code", ""), 400, "invalid_request"},
		{"RFC 6749 §5.2: no such code", set("code", "AAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAA"), 400, "invalid_grant"},
		{"RFC 6749 §5.2: a code that is none", set("code", "*\r\nX: y"), 400, "invalid_grant"},
		{"RFC 6749 §4.1.3: no grant_type", del("grant_type"), 400, "invalid_request"},
		{"RFC 6749 §5.2: unknown grant_type", set("grant_type", "magic"), 400, "unsupported_grant_type"},
		{"RFC 6749 §6: refresh_token, without one", set("grant_type", "refresh_token"), 400, "invalid_request"},
		{"RFC 6749 §4.4: client_credentials", set("grant_type", "client_credentials"), 400, "unsupported_grant_type"},
		{"RFC 7523 §2.1: jwt-bearer", set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), 400, "unsupported_grant_type"},
		{"RFC 8693: token-exchange", set("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), 400, "unsupported_grant_type"},

		{"RFC 6749 §3.2: repeated code", add("code", "x"), 400, "invalid_request"},
		{"RFC 6749 §3.2: repeated code_verifier", add("code_verifier", verifier), 400, "invalid_request"},
		{"RFC 6749 §3.2: repeated redirect_uri", add("redirect_uri", callback), 400, "invalid_request"},
		{"RFC 6749 §3.2: repeated grant_type", add("grant_type", "authorization_code"), 400, "invalid_request"},
		{"RFC 6749 §3.2: repeated empty client_id", func(m *message) { m.form["client_id"] = []string{"web", ""} }, 400, "invalid_request"},
		{"RFC 6749 §3.2: code in the URL", query("code", "x"), 400, "invalid_request"},
		{"RFC 6749 §2.3.1: client_secret in the URL", query("client_secret", webSecret), 400, "invalid_request"},
		{"RFC 6749 §2.3.1: client_id in the URL", query("client_id", "web"), 400, "invalid_request"},
		{"a query that cannot be read", func(m *message) { m.path += "?client_secret=%zz" }, 400, "invalid_request"},
		{"code_verifier in the URL only", func(m *message) {
			m.form.Del("code_verifier")
			m.query.Set("code_verifier", verifier)
		}, 400, "invalid_request"},

		{"RFC 6749 §3.2: JSON", func(m *message) { m.header.Set("Content-Type", "application/json") }, 400, "invalid_request"},
		{"RFC 6749 §3.2: multipart", func(m *message) { m.header.Set("Content-Type", "multipart/form-data; boundary=x") }, 400, "invalid_request"},
		{"no well-formed form", func(m *message) { m.body = "grant_type=%zz" }, 400, "invalid_request"},
		{"1 MiB", set("state", strings.Repeat("x", 1<<20)), 413, "invalid_request"},
		{"just over the bound", set("state", strings.Repeat("x", edge.MaxBody)), 413, "invalid_request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := exchange(b.code())
			row.spoil(m)
			answer := b.send(m)
			answer.want(t, row.status, row.code)
			if answer.header.Get("Cache-Control") != "no-store" {
				t.Error("an error may be cached")
			}
		})
	}
}

// What is missing, repeated or in the wrong place is named, so that a developer
// finds it.
func TestRefusalsSayWhy(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		name  string
		send  *message
		spoil func(*message)
		want  string
	}{
		{"no code", exchange("x"), func(m *message) { m.form.Del("code") }, "The parameter code is missing."},
		{"no redirect_uri", exchange("x"), func(m *message) { m.form.Del("redirect_uri") }, "The parameter redirect_uri is missing."},
		{"no grant_type", exchange("x"), func(m *message) { m.form.Del("grant_type") }, "The parameter grant_type is missing."},
		{"repeated", exchange("x"), func(m *message) { m.form.Add("code", "y") }, "The parameter code is repeated."},
		{"in the URL", exchange("x"), func(m *message) { m.query.Set("code", "y") }, "The parameter code must not be in the URL."},
		{"no such code", exchange("x"), func(*message) {}, "The code is unknown or has expired."},
		{"two authentications", exchange("x"), func(m *message) { m.form.Set("client_assertion", "e30.e30.e30") }, "The client authenticates in two ways at once."},
		{"no verifier", exchange(b.code()), func(m *message) { m.form.Del("code_verifier") }, "The parameter code_verifier is missing."},
		{
			"a verifier that nobody asked for", exchange(b.code(func(g *grant.Grant) { g.CodeChallenge = "" })), func(*message) {},
			"There is a code_verifier, but there was no code_challenge.",
		},
		{"introspection of nothing", ask("/introspect", "", "web", webSecret), func(*message) {}, "The parameter token is missing."},
		{"revocation of nothing", ask("/revoke", "", "web", webSecret), func(*message) {}, "The parameter token is missing."},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.spoil(row.send)
			answer := b.send(row.send)
			answer.want(t, http.StatusBadRequest, "")
			if got := answer.text(t, "error_description"); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestTokenIgnores(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		name   string
		change func(*message)
	}{
		{"RFC 6749 §3.2: unknown parameters", func(m *message) { m.form.Set("shoe_size", "43") }},
		{"RFC 8707 §2: repeated unknown ones", func(m *message) { m.form["resource"] = []string{"https://a", "https://b"} }},
		{"parameters that op would decode into lists", func(m *message) { m.form.Set("Scope.99999999", "x"); m.form.Set("Code.0", "x") }},
		{"RFC 6749 §3.2: a query of the URL's own", func(m *message) { m.query.Set("tenant", "1") }},
		{"RFC 6749 §3.2: an empty client_secret", func(m *message) { m.form.Set("client_secret", "") }},
		{"RFC 6749 §3.2.1: the same client_id in the form", func(m *message) { m.form.Set("client_id", "web") }},
		{"RFC 6749 Appendix B: a charset", func(m *message) {
			m.header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		}},
		{"a body that is just not too large", func(m *message) {
			m.form.Set("state", strings.Repeat("x", edge.MaxBody-len(m.form.Encode())-len("&state=")))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := exchange(b.code())
			row.change(m)
			b.send(m).want(t, http.StatusOK, "")
		})
	}
}

// The rows differ in what /authorize was given.
func TestCodeChallenge(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	long := strings.Repeat("v", 128)
	for _, row := range []struct {
		name                string
		client              string
		challenge, verifier string
		want                int
	}{
		{"RFC 7636 appendix B", "web", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 200},
		{"RFC 7636 §4.1: 43 characters", "web", challenge(long[:43]), long[:43], 200},
		{"RFC 7636 §4.1: 128 characters", "web", challenge(long), long, 200},
		{"RFC 7636 §4.1: 42 characters", "web", challenge(long[:42]), long[:42], 400},
		{"RFC 7636 §4.1: 129 characters", "web", challenge(long + "v"), long + "v", 400},
		{"RFC 7636 §4.1: a reserved character", "web", challenge(long[:42] + "+"), long[:42] + "+", 400},
		{"RFC 9700 §2.1.1: a verifier without a challenge", "relaxed", "", long, 400},
		{"no PKCE, where the client's entry allows it", "relaxed", "", "", 200},
		{"a challenge without a verifier, where PKCE is optional", "relaxed", challenge(long), "", 400},
		{"RFC 9700 §2.1.1: no PKCE by a public client", "spa", "", "", 400},
		{"PKCE by a public client", "spa", challenge(long), long, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := exchange(b.code(func(g *grant.Grant) { g.ClientID, g.CodeChallenge = row.client, row.challenge }))
			m.header.Set("Authorization", basic(row.client, row.client+"-secret"))
			switch row.client {
			case "web":
				m.header.Set("Authorization", basic("web", webSecret))
			case "spa":
				m.header.Del("Authorization")
				m.form.Set("client_id", "spa")
			}
			m.form.Del("code_verifier")
			if row.verifier != "" {
				m.form.Set("code_verifier", row.verifier)
			}
			code := ""
			if row.want == http.StatusBadRequest {
				code = "invalid_grant"
			}
			b.send(m).want(t, row.want, code)
		})
	}
}

// RFC 6749 §4.1.2 and §10.5: a code is bound to its client, and lives a minute.
func TestCodeBinding(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	t.Run("another client's code", func(t *testing.T) {
		m := exchange(b.code())
		m.header.Set("Authorization", basic("other", "other-secret"))
		b.send(m).want(t, http.StatusBadRequest, "invalid_grant")
	})
	t.Run("after 60 s", func(t *testing.T) {
		code := b.code()
		b.Advance(61 * time.Second)
		answer := b.send(exchange(code))
		answer.want(t, http.StatusBadRequest, "invalid_grant")
		if got := answer.text(t, "error_description"); got != "The code is unknown or has expired." {
			t.Error(got)
		}
	})
	t.Run("after 60 s by our clock, while Redis keeps the record", func(t *testing.T) {
		code := b.code()
		b.skew.Store(int64(time.Minute))
		defer b.skew.Store(0)
		b.send(exchange(code)).want(t, http.StatusBadRequest, "invalid_grant")
	})
	t.Run("after 59 s", func(t *testing.T) {
		code := b.code()
		b.Advance(59 * time.Second)
		b.send(exchange(code)).want(t, http.StatusOK, "")
	})
	t.Run("a client that is not registered any more", func(t *testing.T) {
		code := b.code()
		b.provider.Register([]client.Client{clientNamed("other", client.ClientSecretBasic, "other-secret")})
		defer b.provider.Register(confederates())
		b.send(exchange(code)).want(t, http.StatusUnauthorized, "invalid_client")
	})
	t.Run("a failed authentication does not use the code up", func(t *testing.T) {
		code := b.code()
		m := exchange(code)
		m.header.Set("Authorization", basic("web", "guess"))
		b.send(m).want(t, http.StatusUnauthorized, "invalid_client")
		b.send(exchange(code)).want(t, http.StatusOK, "")
	})
}

// RFC 6749 §3.2: POST alone, by the routes; package token has the same of the guard behind them.
func TestTokenMethods(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, "BREW"} {
		m := exchange(b.code())
		m.method, m.query, m.form = method, m.form, nil
		if answer := b.send(m); answer.status != http.StatusMethodNotAllowed || answer.header.Get("Allow") == "" {
			t.Errorf("%s /token: %d, Allow: %q", method, answer.status, answer.header.Get("Allow"))
		}
	}
}
