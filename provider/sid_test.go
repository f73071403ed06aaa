package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// The sid tells clients which of their people share a browser. So it stands in the
// ID tokens of those that need it, and of those that ask for it, by whichever way
// they get one.
func TestWhoIsToldTheSID(t *testing.T) {
	hears := newReceiver(t)
	for _, row := range []struct {
		name   string
		app    func(*client.Client)
		change func(url.Values)
		told   bool
	}{
		{name: "nobody, unless"},
		{name: "who asks for other claims", change: set("claims", `{"id_token":{"email":null},"userinfo":{"sid":null}}`)},
		{name: "who asks for it", change: sidAsked, told: true},
		{name: "who says that it is essential", change: set("claims", `{"id_token":{"sid":{"essential":true}}}`), told: true},
		{name: "who hears of logouts", app: func(c *client.Client) { c.BackChannelLogoutURI = hears.URL }, told: true},
		{name: "whose server logs out", app: func(c *client.Client) { c.LogoutByServer = true }, told: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := withSessions(t, Options{App: func(c *client.Client) {
				front(c)
				parting(c)
				c.Scopes = append(c.Scopes, "offline_access")
				if row.app != nil {
					row.app(c)
				}
			}, Parts: func(p *provider.Parts) { p.Outbound = newPoster() }})
			b := s.Browser()
			offline := all(row.change, set("scope", "openid profile email phone address offline_access"))
			back := b.Begin(offline)
			s.Approve()
			_, got := responseOf(t, b.Get(back))
			first := s.Exchange(got.Get("code"), nil).JSON()
			token, _ := first["refresh_token"].(string)
			refreshed := s.Exchange("", func(v url.Values) {
				clear(v)
				v.Set("grant_type", "refresh_token")
				v.Set("refresh_token", token)
			}).JSON()
			_, inFront := responseOf(t, b.Authorize(all(row.change, frontRequest("id_token", ""), set("prompt", "none"))))
			ids := map[any]bool{}
			for name, raw := range map[string]any{"code": first["id_token"], "refresh": refreshed["id_token"], "id_token": inFront.Get("id_token")} {
				compact, _ := raw.(string)
				claims := payloadOf(t, compact)
				if _, told := claims["sid"]; told != row.told {
					t.Errorf("%s: told: %t", name, told)
				}
				if id := claims["jti"]; (id != nil) == row.told || id != nil && ids[id] {
					t.Errorf("%s: jti %v", name, id)
				} else {
					ids[id] = true
				}
				s.Advance(time.Second)
			}
			// Each of them is known as an ID token of this session, and no other's.
			compact, _ := refreshed["id_token"].(string)
			other := s.Browser()
			logIn(t, s, other, nil)
			if asked := other.Get("/logout?" + loggingOut(compact, nil).Encode()); asked.Page() != "logout" {
				t.Errorf("in another browser: %d leads to %q", asked.Status, asked.Leads())
			}
			if answer := b.Get("/logout?" + loggingOut(compact, nil).Encode()); answer.Status != http.StatusSeeOther || lives(t, b) {
				t.Errorf("in this browser: %d %q", answer.Status, answer.Page())
			}
			if strings.Contains(s.Log.String(), "ended by the client's server") {
				t.Error("a browser passes for a server")
			}
		})
	}
}

// An approval of the same person at the same instant, in two browsers: an ID token
// without a sid is of one of them.
func TestAnIDTokenWithoutASIDIsOfOneSession(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	var browsers [2]*Browser
	var hints [2]string
	for i := range browsers {
		browsers[i] = s.Browser()
		back := browsers[i].Begin(nil)
		s.Approve()
		hints[i] = redeemed(t, s, browsers[i].Get(back))
	}
	if asked := browsers[0].Get("/logout?" + loggingOut(hints[1], nil).Encode()); asked.Page() != "logout" {
		t.Errorf("%d %q", asked.Status, asked.Leads())
	}
	if done := browsers[0].Get("/logout?" + loggingOut(hints[0], nil).Encode()); done.Leads() == "" || lives(t, browsers[0]) || !lives(t, browsers[1]) {
		t.Errorf("%d %q", done.Status, done.Page())
	}
}
