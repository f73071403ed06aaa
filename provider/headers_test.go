package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
)

// A form of a megabyte is not read, wherever forms are.
func TestLargeForms(t *testing.T) {
	s := withSessions(t, Options{App: parting})
	b := s.Browser()
	good := func(padding int) url.Values {
		return Request(func(v url.Values) { v.Set("padding", strings.Repeat("x", padding)) })
	}
	if answer := b.Post(s.Issuer+"/authorize", good(1<<10)); answer.Status != http.StatusOK {
		t.Fatalf("a form of a kilobyte: %d", answer.Status)
	}
	for _, path := range []string{"/authorize", "/logout", "/itsme/continue", "/itsme/retry", "/itsme/leave", "/itsme/logout"} {
		answer := b.Post(s.Issuer+path, good(1<<20))
		if answer.Status != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", path, answer.Status)
		}
	}
	for _, path := range []string{"/par", "/token", "/userinfo", "/introspect", "/revoke"} {
		calls(t, s, path, good(1<<20)).Wants(t, http.StatusRequestEntityTooLarge, "invalid_request")
	}
}

// An issuer may have a path: everything is under it.
func TestIssuerWithAPath(t *testing.T) {
	s := With(t, Options{Path: "/tenants/one"})
	b := s.Browser()
	back := b.Begin(nil)
	if !strings.HasPrefix(back, s.Issuer+"/itsme/return/") {
		t.Errorf("return URL %q", back)
	}
	s.Approve()
	fields := s.Response(b.Get(back))
	if fields.Get("iss") != s.Issuer {
		t.Errorf("iss %q", fields.Get("iss"))
	}
	tokens := s.Exchange(fields.Get("code"), nil)
	accessToken, _ := tokens.JSON()["access_token"].(string)
	if answer := s.UserInfo(accessToken); tokens.Status != http.StatusOK || answer.Status != http.StatusOK {
		t.Errorf("token %d, userinfo %d", tokens.Status, answer.Status)
	}
	origin := strings.TrimSuffix(s.Issuer, "/tenants/one")
	for _, address := range []string{
		s.Issuer + "/.well-known/openid-configuration",
		origin + "/.well-known/oauth-authorization-server/tenants/one", // RFC 8414 §3.1
	} {
		if got, _ := b.Get(address).JSON()["issuer"].(string); got != s.Issuer {
			t.Errorf("%s: issuer %q", address, got)
		}
	}
	page := cancelled(s, b)
	if answer := b.Submit(page, "/itsme/retry"); answer.Leads() == "" {
		t.Errorf("a form under the path: %d", answer.Status)
	}
}

// Nobody meets a dead end: every page names the application and leads somewhere.
func TestEveryPageLeadsOn(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	for name, answer := range map[string]*Answer{
		"cancelled":     page,
		"other browser": s.Browser().Get(s.ReturnURL()),
		"bad request":   b.Authorize(set("redirect_uri", "https://evil.example/")),
		"continue":      plain(s).Authorize(nil),
		"no cookies":    noCookies(s),
	} {
		if !strings.Contains(answer.Body, "<a ") && !strings.Contains(answer.Body, "<form ") {
			t.Errorf("%s leads nowhere\n%s", name, answer.Body)
		}
		if !strings.Contains(answer.Body, "The App") {
			t.Errorf("%s does not name the application", name)
		}
	}
}

func noCookies(s *Server) *Answer {
	_, fields, _ := plain(s).Authorize(nil).Form("/itsme/continue")
	return plain(s).Post(s.Issuer+"/itsme/continue", fields)
}
