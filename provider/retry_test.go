package provider_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// cancelled begins a login and cancels it in the app.
func cancelled(s *Server, b *Browser) *Answer {
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	return b.Get(b.Begin(nil))
}

// "Try again" is a new attempt of the same login: the client hears of nothing but its end.
func TestTryAgain(t *testing.T) {
	s := New(t)
	b := s.Browser()
	answer := b.Submit(cancelled(s, b), "/itsme/retry")
	if answer.Page() != "navigate" || !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) || answer.Location() != "" {
		t.Fatalf("page %q leads to %q; want a page, not a redirect, to itsme", answer.Page(), answer.Leads())
	}
	s.Approve()
	fields := s.Response(b.Get(s.ReturnURL()))
	if fields.Get("code") == "" || fields.Get("state") != "a state" {
		t.Errorf("%v", fields)
	}
	if s.Sandbox.Starts() != 2 {
		t.Errorf("%d transactions, want 2", s.Sandbox.Starts())
	}
}

// A login has at most three transactions.
func TestAttemptsHaveAnEnd(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	for attempt := 2; attempt <= 3; attempt++ {
		s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
		b.Submit(page, "/itsme/retry")
		page = b.Get(s.ReturnURL())
	}
	if _, _, retry := page.Form("/itsme/retry"); retry || page.Page() != "cancelled" {
		t.Errorf("after three attempts: page %q, try again: %v", page.Page(), retry)
	}
	if got := s.Response(b.Submit(page, "/itsme/leave")).Get("error"); got != "access_denied" {
		t.Errorf("the client is told %q", got)
	}
	if s.Sandbox.Starts() != 3 {
		t.Errorf("%d transactions, want 3", s.Sandbox.Starts())
	}
}

// The form of the last page is kept, and sent once more than it is offered.
func TestAttemptsAreCountedByTheServer(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	for range 2 {
		s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
		b.Submit(page, "/itsme/retry")
		page = b.Get(s.ReturnURL())
	}
	to, fields, _ := page.Form("/itsme/leave") // the same fields
	if answer := b.Post(strings.Replace(to, "leave", "retry", 1), fields); answer.Page() != "cancelled" || s.Sandbox.Starts() != 3 {
		t.Errorf("a fourth attempt: page %q, %d transactions", answer.Page(), s.Sandbox.Starts())
	}
}

// Two tabs show the same page, and both press the button: one transaction, and
// both are led to it.
func TestTryAgainInTwoTabs(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	first := b.Submit(page, "/itsme/retry").Leads()
	if second := b.Submit(page, "/itsme/retry").Leads(); second != first || first == "" {
		t.Errorf("the second tab leads to %q, the first to %q", second, first)
	}
	if s.Sandbox.Starts() != 2 {
		t.Errorf("%d transactions, want 2", s.Sandbox.Starts())
	}
}

// The same, at the same instant.
func TestTryAgainInManyTabsAtOnce(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	s.Sandbox.Next(sandbox.Script{StartDelay: 100 * time.Millisecond})
	to, fields, _ := page.Form("/itsme/retry")
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			answer := b.Post(to, fields)
			if lead := answer.Leads(); answer.Page() != "waiting" && !strings.HasPrefix(lead, s.Sandbox.URL) {
				t.Errorf("page %q leads to %q", answer.Page(), lead)
			}
		})
	}
	group.Wait()
	if s.Sandbox.Starts() != 2 {
		t.Errorf("%d transactions, want 2", s.Sandbox.Starts())
	}
}

// The page that waits for another tab leads to what that tab began, without a proof.
func TestWaitingForAnotherTab(t *testing.T) {
	s := New(t)
	b := s.Browser()
	page := cancelled(s, b)
	lease := s.Store.NewLease("lease", loginID(s.ReturnURL()))
	if err := s.Store.Do(t.Context(), lease.Acquire(time.Minute)); err != nil || !lease.Held() {
		t.Fatal("no lease", err)
	}
	waiting := b.Submit(page, "/itsme/retry")
	if waiting.Page() != "waiting" || s.Sandbox.Starts() != 1 {
		t.Errorf("beside the lease: page %q, %d transactions", waiting.Page(), s.Sandbox.Starts())
	}
	s.Advance(time.Minute)
	if after := b.Get(waiting.Leads()); after.Page() != "cancelled" {
		t.Errorf("the waiting page leads to page %q, want where the login stands", after.Page())
	}
}

// An older attempt's address, in a tab that was left open, leads to the current one.
func TestOlderAttempt(t *testing.T) {
	s := New(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	first := b.Begin(nil)
	current := b.Submit(b.Get(first), "/itsme/retry").Leads()
	if got := b.Get(first).Leads(); got != current {
		t.Errorf("the older address leads to %q, want %q", got, current)
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 0 {
		t.Errorf("CM was asked %d times about the attempt whose proof nobody has", n)
	}
}

// The form of an attempt that is history begins nothing, also when the next one has failed too.
func TestTryAgainFromAnOldPage(t *testing.T) {
	s := New(t)
	b := s.Browser()
	old := cancelled(s, b)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Failure})
	b.Submit(old, "/itsme/retry")
	if page := b.Get(s.ReturnURL()).Page(); page != "failed" {
		t.Fatal(page)
	}
	if answer := b.Submit(old, "/itsme/retry"); answer.Page() != "failed" || s.Sandbox.Starts() != 2 {
		t.Errorf("page %q, %d transactions; want what the second attempt came to, and two", answer.Page(), s.Sandbox.Starts())
	}
}
