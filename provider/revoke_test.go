package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"itsme-bridge/provider/grant"
	"itsme-bridge/storage/storagetest"
)

// RFC 7009 §2.1 and §2.2: 200 also for what is no token of this client, and
// then nothing happens.
func TestRevoke(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		name   string
		change func(m *message, token string)
		lives  bool
	}{
		{"its own", func(*message, string) {}, false},
		{"with a hint", func(m *message, _ string) { m.form.Set("token_type_hint", "access_token") }, false},
		{"with a wrong hint", func(m *message, _ string) { m.form.Set("token_type_hint", "refresh_token") }, false},
		{"with an unknown hint", func(m *message, _ string) { m.form.Set("token_type_hint", "magic") }, false},
		{"with a grant_type, which means nothing here", func(m *message, _ string) { m.form.Set("grant_type", "magic") }, false},
		{"another client's", func(m *message, _ string) { m.header.Set("Authorization", basic("other", "other-secret")) }, true},
		{"another client's, by one that may introspect", func(m *message, _ string) {
			m.header.Set("Authorization", basic("monitor", "monitor-secret"))
		}, true},
		{"by a client without a secret", func(m *message, _ string) {
			m.header.Del("Authorization")
			m.form.Set("client_id", "spa")
		}, true},
		{"words", func(m *message, _ string) { m.form.Set("token", "words") }, true},
		{"the id with another secret", func(m *message, token string) { m.form.Set("token", token[:27]+strings.Repeat("A", 26)) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			token := b.accessToken()
			m := ask("/revoke", token, "web", webSecret)
			row.change(m, token)
			answer := b.send(m)
			answer.want(t, http.StatusOK, "")
			if answer.body != "" || answer.header.Get("Content-Type") != "" {
				t.Errorf("body %q of type %q", answer.body, answer.header.Get("Content-Type"))
			}
			want := http.StatusUnauthorized
			if row.lives {
				want = http.StatusOK
			}
			b.send(bearer(token)).want(t, want, "")
		})
	}
	if log := b.log.String(); !strings.Contains(log, `"route":"/revoke","status":200`) || strings.Contains(log, `"status":0`) {
		t.Error("the log does not have the status that was answered")
	}
}

func TestRevokeTwice(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token := b.accessToken()
	for range 2 {
		b.send(ask("/revoke", token, "web", webSecret)).want(t, http.StatusOK, "")
	}
	b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
}

// A client without a secret can end its own.
func TestRevokeByPublicClient(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	m := exchange(b.code(func(g *grant.Grant) { g.ClientID = "spa" }))
	m.header.Del("Authorization")
	m.form.Set("client_id", "spa")
	token := b.send(m).text(t, "access_token")
	m = ask("/revoke", token, "", "")
	m.header.Del("Authorization")
	m.form.Set("client_id", "spa")
	b.send(m).want(t, http.StatusOK, "")
	b.send(bearer(token)).want(t, http.StatusUnauthorized, "invalid_token")
}

func TestRevokeRefusals(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	token := b.accessToken()
	for _, row := range []struct {
		name   string
		spoil  func(*message)
		status int
		code   string
	}{
		{"RFC 7009 §2.1: wrong secret", func(m *message) { m.header.Set("Authorization", basic("web", "guess")) }, 401, "invalid_client"},
		{"RFC 7009 §2.1: nobody", func(m *message) { m.header.Del("Authorization") }, 401, "invalid_client"},
		{"RFC 7009 §2.1: no token", func(m *message) { m.form.Del("token") }, 400, "invalid_request"},
		{"two tokens", func(m *message) { m.form.Add("token", token) }, 400, "invalid_request"},
		{"a token in the URL", func(m *message) { m.query.Set("token", token) }, 400, "invalid_request"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := ask("/revoke", token, "web", webSecret)
			row.spoil(m)
			b.send(m).want(t, row.status, row.code)
			b.send(bearer(token)).want(t, http.StatusOK, "")
		})
	}
}
