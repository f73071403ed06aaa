package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

const mostLocation = 3 << 10 // what a proxy surely takes of a redirect

// states are long, or of signs that grow when they are encoded.
func states() map[string]string {
	return map[string]string{
		"2049 bytes":             strings.Repeat("s", 2049),
		"8 KiB":                  strings.Repeat("s", edge.MaxState),
		"8 KiB of percent signs": strings.Repeat("%", edge.MaxState),
		"8 KiB of ampersands":    strings.Repeat("&", edge.MaxState),
		"a nested request":       url.Values{"redirect_uri": {"https://client.example/cb?a=b&c=d"}, "state": {strings.Repeat(`"<x>' `, 500)}}.Encode(),
	}
}

// RFC 6749 §4.1.2.1: the state comes back with every answer, however long it is; and in no header that a proxy refuses.
func TestLongStates(t *testing.T) {
	s := With(t, Options{App: front})
	for name, state := range states() {
		for _, mode := range []string{"query", "fragment", "form_post"} {
			asking := all(set("state", state), set("response_mode", mode))
			for _, row := range []struct {
				name string
				get  func(b *Browser) *Answer
				want string
			}{
				{"a code", func(b *Browser) *Answer { back := b.Begin(asking); s.Approve(); return b.Get(back) }, ""},
				{"an error at once", func(b *Browser) *Answer { return b.Authorize(all(asking, set("scope", "email"))) }, "invalid_scope"},
				{"an unknown response_mode", func(b *Browser) *Answer { return b.Authorize(all(asking, set("response_mode", "x"))) }, "invalid_request"},
				{"a request object in vain", func(b *Browser) *Answer { return b.Authorize(all(asking, set("request", "x"))) }, "request_not_supported"},
				{"prompt=none", func(b *Browser) *Answer { return b.Authorize(all(asking, set("prompt", "none"))) }, "login_required"},
				{"by POST", func(b *Browser) *Answer {
					return b.Post(s.Issuer+"/authorize", Request(all(asking, set("scope", "email"))))
				}, "invalid_scope"},
				{"pushed", func(b *Browser) *Answer { return b.Get(pushed(t, s, all(asking, set("prompt", "none")))) }, "login_required"},
				{"a person who leaves", func(b *Browser) *Answer { return b.Submit(b.Get(b.Begin(asking)), "/itsme/leave") }, "access_denied"},
			} {
				answer := row.get(s.Browser())
				_, got := responseOf(t, answer)
				if got.Get("state") != state || got.Get("error") != row.want {
					t.Errorf("%s by %s, %s: error %q, %d bytes of state came back", name, mode, row.name, got.Get("error"), len(got.Get("state")))
				}
				if n := len(answer.Location()); n > mostLocation {
					t.Errorf("%s by %s, %s: a Location of %d bytes", name, mode, row.name, n)
				}
			}
		}
	}
	_, got := responseOf(t, s.Browser().Authorize(set("state", strings.Repeat("s", edge.MaxState+1))))
	if got.Get("error") != "invalid_request" || got.Has("state") {
		t.Errorf("more than 8 KiB: %v", got)
	}
}

// Whatever fits into a header goes by it, and the page that goes on instead is kept by nobody.
func TestLocationsOfEachLength(t *testing.T) {
	s := New(t)
	for _, n := range []int{1, 1000, 2000, 2900, 3000, 3072, 4096} {
		answer := s.Browser().Authorize(all(set("state", strings.Repeat("s", n)), set("prompt", "none")))
		fits := len(answer.Leads()) <= mostLocation
		if fits != (answer.Location() != "") || fits != (answer.Status == http.StatusSeeOther) {
			t.Errorf("%d bytes: %d, Location of %d", len(answer.Leads()), answer.Status, len(answer.Location()))
		}
		if answer.Header.Get("Cache-Control") != "no-store" || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%v", answer.Header)
		}
	}
}

// An ID token in the fragment is long as well, and so may be the address of CM's own page.
func TestOtherLongLocations(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { front(c); c.IDTokenClaims = true }})
	b := s.Browser()
	back := b.Begin(all(frontRequest("code id_token", ""), set("nonce", strings.Repeat("n", edge.MaxParameter))))
	s.Approve()
	answer := b.Get(back)
	if _, got := responseOf(t, answer); got.Get("id_token") == "" || answer.Location() != "" {
		t.Errorf("%v by a Location of %d bytes", got, len(answer.Location()))
	}
}

// winding is a CM whose pages have long addresses.
type winding struct{ login.Upstream }

func (c winding) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	t, err := c.Upstream.Start(ctx, s)
	t.AuthenticationURL += "?way=" + strings.Repeat("x", mostLocation)
	return t, err
}

func TestALongWayToItsme(t *testing.T) {
	s := With(t, Options{Parts: func(p *provider.Parts) { p.Upstream = winding{p.Upstream} }})
	answer := s.Browser().Authorize(nil)
	toItsme(t, s, answer)
	if answer.Location() != "" || answer.Page() != "navigate" || !strings.Contains(answer.Body, "The App") {
		t.Errorf("%d %q, a Location of %d bytes", answer.Status, answer.Page(), len(answer.Location()))
	}
}

// RP-Initiated Logout §2: likewise at the end, at once or after a click.
func TestLongStatesAtLogout(t *testing.T) {
	for name, state := range states() {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			s := withSessions(t, Options{App: parting})
			b := s.Browser()
			leaving := loggingOut(logIn(t, s, b, nil), set("state", state))
			var answer *Answer
			if method == http.MethodGet {
				answer = b.Get(s.Issuer + "/logout?" + leaving.Encode())
			} else {
				answer = b.Post(s.Issuer+"/logout", leaving)
			}
			if answer.Page() == "logout" {
				answer = b.Submit(answer, "/itsme/logout")
			}
			to, err := url.Parse(answer.Leads())
			if err != nil || to.Query().Get("state") != state || len(answer.Location()) > mostLocation {
				t.Errorf("%s by %s: %d, %d bytes of state, a Location of %d", name, method, answer.Status, len(to.Query().Get("state")), len(answer.Location()))
			}
		}
	}
}
