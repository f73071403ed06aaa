package provider_test

import (
	"net/url"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// begunAgain reports whether an answer lets Keycloak begin again by itself.
func begunAgain(got url.Values) bool {
	return got.Get("error") == "temporarily_unavailable" && got.Get("error_description") == "authentication_expired" && got.Get("state") == "a state"
}

// on_expiry: restart: "Back to …" leads back, and "Try again" lets the client begin
// anew: also where this login has no further attempt, or no time for one. What has
// come to nothing otherwise is tried again here, as for every client.
func TestTryAgainRestarts(t *testing.T) {
	expired := func(s *Server, b *Browser) *Answer {
		s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
		return b.Get(b.Begin(nil))
	}
	for _, row := range []struct {
		name  string
		page  func(*Server, *Browser) *Answer
		again bool // "try again" is for the client
	}{
		{"expired at CM", expired, true},
		{"expired at CM, and the deadline is over", func(s *Server, b *Browser) *Answer {
			back := b.Begin(nil)
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
			s.Advance(5 * time.Minute)
			if err := s.Sandbox.Decide("", itsme.Expired, ""); err != nil {
				t.Fatal(err)
			}
			return b.Get(back)
		}, true},
		{"so long ago that the transaction is gone", func(s *Server, b *Browser) *Answer {
			back := b.Begin(nil)
			s.Advance(20 * time.Minute)
			return b.Get(back)
		}, true},
		{"the last attempt", func(s *Server, b *Browser) *Answer {
			page := cancelled(s, b)
			for _, outcome := range []itsme.Status{itsme.Cancelled, itsme.Expired} { // three in all
				s.Sandbox.Next(sandbox.Script{Outcome: outcome})
				b.Submit(page, "/itsme/retry")
				page = b.Get(s.ReturnURL())
			}
			return page
		}, true},
		{"cancelled", cancelled, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, click := range []string{"/itsme/leave", "/itsme/retry"} {
				s := With(t, Options{App: func(c *client.Client) { c.RestartExpired = true }})
				b := s.Browser()
				page := row.page(s, b)
				if want := map[bool]string{true: "expired", false: "cancelled"}[row.again]; page.Page() != want {
					t.Fatalf("page %q: %s", page.Page(), page.Body)
				}
				before := s.Sandbox.Starts()
				answer := b.Submit(page, click)
				if click == "/itsme/retry" && !row.again {
					if s.Sandbox.Starts() != before+1 {
						t.Errorf("leads to %q", answer.Leads())
					}
					continue
				}
				got := s.Response(answer)
				if s.Sandbox.Starts() != before || begunAgain(got) != (click == "/itsme/retry") || click == "/itsme/leave" && got.Get("error") != "access_denied" {
					t.Errorf("%s: %v", click, got)
				}
				if twice := b.Submit(page, click); twice.Leads() != answer.Leads() {
					t.Errorf("%s, a double click: %q", click, twice.Leads())
				}
			}
		})
	}
}

// Whoever goes back to a login that the client has begun anew, or reloads it, has not
// asked for another one: only a click lets the client begin, and pay, once more.
func TestGoingBackRestartsNothing(t *testing.T) {
	s := With(t, Options{App: func(c *client.Client) { c.RestartExpired = true }})
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
	back := b.Begin(nil)
	b.Submit(b.Get(back), "/itsme/retry")
	for _, address := range []string{back, standsAt(s, loginID(back))} {
		page := b.Get(address)
		if page.Leads() != "" || page.Page() != "expired" {
			t.Fatalf("%s leads to %q, page %q", address, page.Leads(), page.Page())
		}
		if got := s.Response(b.Submit(page, "/itsme/retry")); !begunAgain(got) {
			t.Errorf("a click: %v", got)
		}
		if got := s.Response(b.Submit(page, "/itsme/leave")); got.Get("error") != "access_denied" {
			t.Errorf("leaving: %v", got)
		}
	}
	s.Advance(3 * time.Minute) // when it is of no use any more
	if page := b.Get(back); page.Leads() != "" || page.Page() != "late" {
		t.Errorf("later it leads to %q, page %q", page.Leads(), page.Page())
	}
}

// For every other client "try again" is ours to do.
func TestTryAgainAfterAnExpiry(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
	b.Submit(b.Get(b.Begin(nil)), "/itsme/retry")
	if s.Sandbox.Starts() != 2 {
		t.Errorf("%d transactions", s.Sandbox.Starts())
	}
}
