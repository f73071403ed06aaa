package provider_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// door is where requests come in. It notices the browsers that hang up.
type door struct {
	gone   chan struct{} // one has hung up
	served chan struct{} // and its request is over all the same
}

func newDoor() *door { return &door{make(chan struct{}, 1), make(chan struct{}, 1)} }

func (d *door) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stays := context.AfterFunc(r.Context(), func() { d.gone <- struct{}{} })
		next.ServeHTTP(w, r)
		if !stays() {
			d.served <- struct{}{}
		}
	})
}

// click is a button that pays a transaction.
type click struct {
	name   string
	action string
	page   func(t *testing.T, s *Server, b *Browser) *Answer // that has it
}

func clicks() []click {
	return []click{
		{"continue", "/itsme/continue", func(_ *testing.T, _ *Server, b *Browser) *Answer {
			b.Header = http.Header{}
			return b.Authorize(nil)
		}},
		{"try again", "/itsme/retry", func(_ *testing.T, s *Server, b *Browser) *Answer { return cancelled(s, b) }},
	}
}

// pushedClicks are the same about a request that was pushed, which counts what is paid.
func pushedClicks() []click {
	return []click{
		{"continue with a request_uri", "/itsme/continue", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			b.Header = http.Header{}
			return b.Get(pushed(t, s, nil))
		}},
		{"try again with a request_uri", "/itsme/retry", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			toItsme(t, s, b.Get(pushed(t, s, nil)))
			return b.Get(s.ReturnURL())
		}},
	}
}

// A person clicks, and reloads or goes back while CM answers. The transaction has
// been paid for: the next click leads to it, and pays no other.
func TestABrowserHangsUpWhileCMStarts(t *testing.T) {
	for _, row := range slices.Concat(clicks(), pushedClicks()) {
		t.Run(row.name, func(t *testing.T) {
			d, g := newDoor(), newGate()
			s := withoutRSA(t, Options{Wrap: d.wrap, Parts: g.before})
			b := s.Browser()
			page := row.page(t, s, b)
			before := s.Sandbox.Starts()
			slow := newPassage()
			g.start <- slow
			leave := b.LeaveForm(page, row.action)
			<-slow.reached
			leave()
			<-d.gone
			close(slow.open)
			<-d.served
			wantOneTransaction(t, s, b, b.Submit(page, row.action), before)
		})
	}
}

// Whenever it hangs up, the next click at once leads to a transaction, and there is
// only one: what one request began is found, or it has begun nothing.
func TestABrowserHangsUpAtAnyTime(t *testing.T) {
	for _, row := range slices.Concat(clicks(), pushedClicks()) {
		for nth := 1; nth <= roundTripsOf(t, row); nth++ {
			t.Run(row.name+"/"+strconv.Itoa(nth), func(t *testing.T) {
				d := newDoor()
				s := withoutRSA(t, Options{Wrap: d.wrap})
				b := s.Browser()
				page := row.page(t, s, b)
				before := s.Sandbox.Starts()
				reached, release := s.Faults().Hold(nth)
				leave := b.LeaveForm(page, row.action)
				<-reached
				leave()
				<-d.gone
				release()
				<-d.served
				wantOneTransaction(t, s, b, b.Submit(page, row.action), before)
			})
		}
	}
}

// roundTripsOf is how often a click goes to Redis.
func roundTripsOf(t *testing.T, c click) int {
	t.Helper()
	s := withoutRSA(t, Options{})
	b := s.Browser()
	page := c.page(t, s, b)
	s.ResetRoundtrips()
	toItsme(t, s, b.Submit(page, c.action))
	return s.Roundtrips()
}

// wantOneTransaction wants an answer that leads to the only transaction since
// there were so many, and that login to finish.
func wantOneTransaction(t *testing.T, s *Server, b *Browser, answer *Answer, before int) {
	t.Helper()
	if answer.Leads() != last(s).AuthenticationURL || s.Sandbox.Starts() != before+1 {
		t.Fatalf("page %q leads to %q; %d transactions more, want one, %s",
			answer.Page(), answer.Leads(), s.Sandbox.Starts()-before, last(s).AuthenticationURL)
	}
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Error("the login does not finish")
	}
}
