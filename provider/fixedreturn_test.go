package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// What a login has come to when the browser is sent to the fixed return address.
const (
	loginWaits   = "approved in the app, and not heard of yet"
	loginStopped = "cancelled in the app, and the person has seen so"
	loginOver    = "cancelled in the app, and the person has left"
	loginAsked   = "a Continue page that nobody has clicked on"
)

// bring makes a login in a browser, newer than all before, and returns the page
// where the person is.
func bring(t *testing.T, s *Server, b *Browser, kind, state string) *Answer {
	t.Helper()
	s.Advance(time.Second) // cookies are ordered by the second
	if kind == loginAsked {
		defer func(was http.Header) { b.Header = was }(b.Header)
		b.Header = http.Header{}
		return b.Authorize(set("state", state))
	}
	script := sandbox.Script{Outcome: itsme.Success}
	if kind != loginWaits {
		script.Outcome = itsme.Cancelled
	}
	s.Sandbox.Next(script)
	back := b.Begin(set("state", state))
	if kind == loginWaits {
		return nil
	}
	page := b.Get(back)
	if page.Page() != "cancelled" {
		t.Fatalf("page %q, want cancelled", page.Page())
	}
	if kind == loginOver {
		s.Response(b.Submit(page, "/itsme/leave"))
	}
	return page
}

// insecure_fixed_return_url: of several logins in a browser the newest that waits
// is the one. A look at the others keeps no lease of theirs, so whatever their
// pages offer works at once.
func TestFixedReturnURLOfSeveralLogins(t *testing.T) {
	for _, row := range []struct {
		name   string
		logins []string // the oldest first
		want   string   // whose response comes: the number of the login
	}{
		{"two wait", []string{loginWaits, loginWaits}, "2"},
		{"three wait", []string{loginWaits, loginWaits, loginWaits}, "3"},
		{"the newest has stopped", []string{loginWaits, loginStopped}, "1"},
		{"the newest two have stopped", []string{loginWaits, loginStopped, loginStopped}, "1"},
		{"the one in the middle waits, and an older one", []string{loginWaits, loginWaits, loginStopped}, "2"},
		{"only the oldest has stopped", []string{loginStopped, loginWaits}, "2"},
		{"the oldest is over", []string{loginOver, loginWaits}, "2"},
		{"the newest waits for a click", []string{loginWaits, loginAsked}, "1"},
		{"all but one wait for a click, or have stopped", []string{loginAsked, loginStopped, loginWaits, loginAsked, loginStopped}, "3"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := light(t, Options{Config: fixed})
			b := s.Browser()
			shown := make([]*Answer, len(row.logins))
			for i, kind := range row.logins {
				shown[i] = bring(t, s, b, kind, string(rune('1'+i)))
			}
			got := s.Response(b.Get(s.Issuer + "/itsme/return"))
			if got.Get("code") == "" || got.Get("state") != row.want {
				t.Errorf("the response is %v, want a code for login %s", got, row.want)
			}
			if kept := keysOf(s, "lease"); len(kept) != 0 {
				t.Errorf("the lease of %q is kept", kept)
			}
			for i, kind := range row.logins {
				action := map[string]string{loginStopped: "/itsme/retry", loginAsked: "/itsme/continue"}[kind]
				if action == "" {
					continue
				}
				if on := b.Submit(shown[i], action).Leads(); !strings.HasPrefix(on, s.Sandbox.URL) {
					t.Errorf("login %d, %s: %s leads to %q", i+1, kind, action, on)
				}
			}
		})
	}
}
