package provider_test

import (
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// Each of these was once possible.

// leadsOn reports whether a page has a way on.
func leadsOn(a *Answer) bool {
	return strings.Contains(a.Body, "<a id=") || strings.Contains(a.Body, "<form ")
}

// A person comes back while the attempt is open, and it is approved much later:
// by somebody to whom the link was passed on.
func TestApprovedLongAfterTheReturn(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	if page := b.Get(back).Page(); page != "waiting" {
		t.Fatal(page)
	}
	s.Advance(3 * time.Minute) // nobody looks meanwhile
	s.Approve()
	if answer := b.Get(back); answer.Page() != "expired" || s.Sandbox.Fetches(last(s).Token) != 1 {
		t.Errorf("page %q, CM was asked %d times", answer.Page(), s.Sandbox.Fetches(last(s).Token))
	}
}

// One address that is refused again and again does not use up what everybody shares.
func TestOneAddressDoesNotCloseTheService(t *testing.T) {
	for name, flood := range map[string]func(*Server, *Browser){
		"by /authorize": func(_ *Server, b *Browser) {
			for range 30 {
				b.Authorize(nil)
			}
		},
		"by one Continue page": func(s *Server, b *Browser) {
			b.Header.Del("Sec-Fetch-Mode")
			b.Header.Del("Sec-Fetch-Dest")
			page := b.Authorize(nil)
			for range 30 {
				b.Submit(page, "/itsme/continue")
			}
		},
	} {
		s := With(t, Options{Config: func(c *provider.Config) {
			c.TrustedProxies = []string{"127.0.0.1"}
			c.Limits = ceilings.Limits{Window: time.Minute, PerAddress: 2, PerClient: 20, Total: 20}
		}})
		evil := s.Browser()
		evil.Header.Set("X-Forwarded-For", "192.0.2.66")
		flood(s, evil)
		good := s.Browser()
		good.Header.Set("X-Forwarded-For", "198.51.100.7")
		if answer := good.Authorize(nil); answer.Location() == "" {
			t.Errorf("%s: everybody else gets %d, page %q", name, answer.Status, answer.Page())
		}
	}
}

// Keycloak begins again by itself when it is told authentication_expired, so it
// is told that only when a person has clicked.
func TestNoRestartWithoutAClick(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.RestartExpired, c.RedirectFailures = true, true }})
	s.Sandbox.Always(sandbox.Script{Outcome: itsme.Expired})
	b := s.Browser()
	if fields := s.Response(b.Get(b.Begin(nil))); fields.Get("error") != "access_denied" {
		t.Errorf("told without a click: %v", fields)
	}
}

// The lease is lost, and another request finishes the login: the first one leads there too.
func TestTheLoserLeadsToTheWinner(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	loser := later(func() *Answer { return b.Get(back) })
	<-hold.Reached()
	s.Advance(s.Config.Lease)
	b.Get(back) // no_data
	hold.Release()
	winner := (<-loser).Location()
	if again := b.Get(back).Location(); winner == "" || again != winner {
		t.Errorf("%q, then %q", winner, again)
	}
}

// Redis is away when a form is sent: the page offers the same form again.
func TestRedisAwayAtAForm(t *testing.T) {
	for _, action := range []string{"/itsme/leave", "/itsme/retry"} {
		s := With(t, Options{Config: func(c *provider.Config) { c.WriteBudget = time.Second }})
		b := s.Browser()
		page := cancelled(s, b)
		s.Faults().Down()
		a := b.Submit(page, action)
		if !leadsOn(a) {
			t.Errorf("%s: %d page %q has no way on\n%s", action, a.Status, a.Page(), a.Body[strings.Index(a.Body, "<body"):])
		}
	}
}

// "Back to the application" on an old page does not end the attempt that another tab began.
func TestLeavingByAnOldPage(t *testing.T) {
	s := New(t)
	b := s.Browser()
	old := cancelled(s, b)
	b.Submit(old, "/itsme/retry")
	second := s.ReturnURL()
	s.Approve() // the person has approved the second attempt
	f := s.Response(b.Submit(old, "/itsme/leave"))
	a := b.Get(second)
	if s.Response(a).Get("code") == "" {
		t.Errorf("an approved attempt 2 was ended by the form of attempt 1: %v", f)
	}
}

// After the deadline one 503 does not lose what CM still has.
func TestHiccupAfterTheDeadline(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1})
	b := s.Browser()
	back := b.Begin(nil)
	s.Advance(4*time.Minute + time.Second)
	p := b.Get(back).Page()
	s.Advance(2 * time.Second)
	a := b.Get(back)
	if a.Location() == "" {
		t.Errorf("first %q then %q; transaction asked %d times", p, a.Page(), s.Sandbox.Fetches(last(s).Token))
	}
}

// What CM appends may hold characters that are in no URL: the page still leads to the same address.
func TestAppendedCharacters(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1})
	b := s.Browser()
	back := b.Begin(nil)
	a := b.Get(back + "?result={ok}|x")
	if !strings.Contains(a.Body, "/itsme/return/") {
		t.Errorf("page %q has no try again\n%s", a.Page(), a.Body[strings.Index(a.Body, "<body"):])
	}
	s.Faults().Down()
	a = b.Get(back + "?result={ok}|x")
	if !leadsOn(a) {
		t.Errorf("page %q has no way at all", a.Page())
	}
}
