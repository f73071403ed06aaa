package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// The clients are replaced while logins are under way: a login keeps the terms
// that it began with.
func TestLoginKeepsItsTerms(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Provider.Register(Clients(func(c *client.Client) {
		c.RedirectURIs, c.Scopes, c.Name = []string{"https://app.example/new"}, []string{"email"}, "Renamed"
		c.EmailVerified = true
	}))
	s.Approve()
	answer := b.Get(back)
	if !strings.HasPrefix(answer.Location(), Callback+"?") {
		t.Errorf("leads to %q, want the redirect URI that it began with", answer.Location())
	}
	tokens := s.Exchange(s.Response(answer).Get("code"), nil)
	accessToken, _ := tokens.JSON()["access_token"].(string)
	claims := s.UserInfo(accessToken).JSON()
	if claims["name"] != "Lucas Maes" || claims["email_verified"] != false {
		t.Errorf("claims %v, want those of the terms that it began with", claims)
	}
	if answer := b.Authorize(nil); answer.Page() != "bad_request" {
		t.Errorf("a new login with the old redirect URI: page %q", answer.Page())
	}
}

// A client that is gone can finish nothing: its login leads back, its code opens nothing.
func TestRemovedClient(t *testing.T) {
	s := New(t)
	code := s.Login(nil).Get("code")
	b := s.Browser()
	page := cancelled(s, b)
	s.Provider.Register(nil)
	s.Exchange(code, nil).Wants(t, http.StatusUnauthorized, "invalid_client")
	if answer := b.Authorize(nil); answer.Page() != "bad_request" {
		t.Errorf("a new login: page %q", answer.Page())
	}
	b.Submit(page, "/itsme/retry")
	if n := s.Sandbox.Starts(); n != 2 {
		t.Errorf("%d transactions, one of them for a client that is gone", n)
	}
	if fields := s.Response(b.Submit(page, "/itsme/leave")); fields.Get("error") != "access_denied" {
		t.Errorf("a login that had begun: %v", fields)
	}
}
