package provider_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// OpenID Connect Core §5.3.2.
func TestUserinfo(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token := b.accessToken()
	for _, row := range []struct {
		name   string
		change func(*message)
	}{
		{"RFC 6750 §2.1: GET with a header", func(*message) {}},
		{"RFC 6750 §2.1: POST with a header, no body", func(m *message) { m.method, m.form = "POST", nil }},
		{"POST with a header, and a body of another kind", func(m *message) {
			m.method, m.body = "POST", `{"access_token":"x"}`
			m.header.Set("Content-Type", "application/json")
		}},
		{"RFC 6750 §2.2: POST with a form", func(m *message) {
			m.method = "POST"
			m.header.Del("Authorization")
			m.form.Set("access_token", token)
		}},
		{"RFC 9110 §11.1: the scheme in any case", func(m *message) { m.header.Set("Authorization", "bEARER "+token) }},
		{"RFC 6750 §2.1: several spaces", func(m *message) { m.header.Set("Authorization", "Bearer   "+token) }},
		{"unknown parameters in the URL", func(m *message) { m.query.Set("schema", "openid") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := bearer(token)
			row.change(m)
			answer := b.send(m)
			answer.want(t, http.StatusOK, "")
			want := map[string]any{
				"sub": subject, "name": "Lucas Maes", "email": "lucas.maes@example.com", "email_verified": false,
				"address": map[string]any{"country": "BE"},
			}
			same(t, answer.json(t), want)
			if got := answer.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
			if answer.header.Get("Cache-Control") != "no-store" {
				t.Error("a person's data may be cached")
			}
		})
	}
}

// RFC 6750 §3.1: what is wrong, and how it is said in the header.
func TestUserinfoRefusals(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	realm := `Bearer realm="` + b.issuer + `"`
	token := b.accessToken()
	for _, row := range []struct {
		name   string
		spoil  func(*message)
		status int
		code   string // "" is told nothing but to bring a token
	}{
		{"RFC 6750 §3.1: no token", func(m *message) { m.header.Del("Authorization") }, 401, ""},
		{"RFC 6750 §3.1: another scheme", func(m *message) { m.header.Set("Authorization", basic("web", webSecret)) }, 401, ""},
		{"an empty header", func(m *message) { m.header.Set("Authorization", "") }, 401, ""},
		{"no such token", func(m *message) {
			m.header.Set("Authorization", "Bearer "+strings.Repeat("A", 26)+"."+strings.Repeat("B", 26))
		}, 401, "invalid_token"},
		{"words", func(m *message) { m.header.Set("Authorization", "Bearer two words") }, 401, "invalid_token"},
		{"half a token", func(m *message) { m.header.Set("Authorization", "Bearer "+token[:26]) }, 401, "invalid_token"},
		{"the scheme alone", func(m *message) { m.header.Set("Authorization", "Bearer") }, 401, ""},
		{"the scheme and a space", func(m *message) { m.header.Set("Authorization", "Bearer ") }, 401, ""},
		{"RFC 9700 §4.3.2: in the URL", func(m *message) {
			m.header.Del("Authorization")
			m.query.Set("access_token", token)
		}, 400, "invalid_request"},
		{"RFC 6750 §2: in the header and in the URL", func(m *message) { m.query.Set("access_token", token) }, 400, "invalid_request"},
		{"RFC 6750 §2: in the header and in the form", func(m *message) {
			m.method = "POST"
			m.form.Set("access_token", token)
		}, 400, "invalid_request"},
		{"two headers", func(m *message) { m.header.Add("Authorization", "Bearer "+token) }, 400, "invalid_request"},
		{"twice in the form", func(m *message) {
			m.method = "POST"
			m.header.Del("Authorization")
			m.form["access_token"] = []string{token, token}
		}, 400, "invalid_request"},
		{"in the form of a GET", func(m *message) {
			m.header.Del("Authorization")
			m.header.Set("Content-Type", "application/x-www-form-urlencoded")
			m.form.Set("access_token", token)
		}, 401, ""},
		{"1 MiB", func(m *message) {
			m.method = "POST"
			m.form.Set("x", strings.Repeat("x", 1<<20))
		}, 413, "invalid_request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := bearer(token)
			row.spoil(m)
			answer := b.send(m)
			answer.want(t, row.status, row.code)
			challenge := answer.header.Get("WWW-Authenticate")
			switch {
			case row.code == "" && (challenge != realm || answer.body != ""):
				t.Errorf("challenge %q, body %q", challenge, answer.body)
			case row.code != "" && !strings.HasPrefix(challenge, realm+`, error="`+row.code+`", error_description="`):
				t.Errorf("challenge %q", challenge)
			}
		})
	}
}

// The token's life ends by Redis's clock, by ours, and with its client.
func TestUserinfoExpiry(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	t.Run("by both clocks", func(t *testing.T) {
		token := b.accessToken()
		b.Advance(5*time.Minute - time.Second)
		b.send(bearer(token)).want(t, http.StatusOK, "")
		b.Advance(time.Second)
		b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
	})
	t.Run("by ours, while Redis keeps the record", func(t *testing.T) {
		token := b.accessToken()
		b.skew.Store(int64(5 * time.Minute))
		defer b.skew.Store(0)
		b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
		if active := b.send(ask("/introspect", token, "web", webSecret)).json(t)["active"]; active != false {
			t.Errorf("introspection says active: %v", active)
		}
	})
	t.Run("with its client", func(t *testing.T) {
		token := b.accessToken()
		b.provider.Register([]client.Client{clientNamed("other", client.ClientSecretBasic, "other-secret")})
		defer b.provider.Register(confederates())
		b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
	})
}

// The claims cannot say that the token is somebody else's (OpenID Connect Core §5.3.2).
func TestUserinfoSubject(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token := b.accessToken(func(g *grant.Grant) { g.Claims = json.RawMessage(`{"sub":"eve","Sub":"eve","name":"L"}`) })
	same(t, b.send(bearer(token)).json(t), map[string]any{"sub": subject, "name": "L"})
}
