package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// RFC 7662 §2.2.
func TestIntrospect(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	issued := b.Now()
	token := b.accessToken()
	b.Advance(time.Minute)
	active := map[string]any{
		"active": true, "iss": b.issuer, "sub": subject, "client_id": "web", "scope": "openid profile email", "token_type": "Bearer",
		"iat": float64(issued.Unix()), "exp": float64(issued.Add(5 * time.Minute).Unix()),
	}
	inactive := map[string]any{"active": false}
	for _, row := range []struct {
		name, client, secret, token string
		want                        map[string]any
	}{
		{"its own", "web", webSecret, token, active},
		{"RFC 7662 §4: another client's", "other", "other-secret", token, inactive},
		{"another client's, where its entry says so", "monitor", "monitor-secret", token, active},
		{"words", "web", webSecret, "words", inactive},
		{"no such token", "web", webSecret, strings.Repeat("A", 26) + "." + strings.Repeat("B", 26), inactive},
		{"a code", "web", webSecret, b.code(), inactive},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := b.send(ask("/introspect", row.token, row.client, row.secret))
			answer.want(t, http.StatusOK, "")
			same(t, answer.json(t), row.want)
			if answer.header.Get("Cache-Control") != "no-store" {
				t.Error("the answer may be cached")
			}
		})
	}
	t.Run("RFC 7662 §2.1: a hint", func(t *testing.T) {
		m := ask("/introspect", token, "web", webSecret)
		m.form.Set("token_type_hint", "refresh_token")
		same(t, b.send(m).json(t), active)
	})
}

func TestIntrospectRefusals(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token := b.accessToken()
	for _, row := range []struct {
		name   string
		spoil  func(*message)
		status int
		code   string
	}{
		{"RFC 7662 §2.3: nobody", func(m *message) { m.header.Del("Authorization") }, 401, "invalid_client"},
		{"RFC 7662 §2.3: wrong secret", func(m *message) { m.header.Set("Authorization", basic("web", "guess")) }, 401, "invalid_client"},
		{"RFC 7662 §2.1: a client without a secret", func(m *message) {
			m.header.Del("Authorization")
			m.form.Set("client_id", "spa")
		}, 401, "invalid_client"},
		{"RFC 7662 §2.1: no token", func(m *message) { m.form.Del("token") }, 400, "invalid_request"},
		{"RFC 7662 §2.1: two tokens", func(m *message) { m.form.Add("token", token) }, 400, "invalid_request"},
		{"RFC 7662 §4: a token in the URL", func(m *message) { m.form, m.query = url.Values{}, m.form }, 400, "invalid_request"},
		{"RFC 7662 §2.1: a bearer token instead of a secret", func(m *message) { m.header.Set("Authorization", "Bearer "+token) }, 401, "invalid_client"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := ask("/introspect", token, "web", webSecret)
			row.spoil(m)
			b.send(m).want(t, row.status, row.code)
		})
	}
}
