package provider_test

import (
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	. "itsme-bridge/provider/providertest"
)

// race is two clicks on the same page. The first one is so slow that its lease ends
// before CM's answer is written; meanwhile the second one is at it.
type race struct {
	name   string
	second func(t *testing.T, s *Server, b *Browser, page *Answer, action string) // what it makes of the login
	page   string                                                                 // where the login then stands
	ends   bool                                                                   // the client has been told
}

func races() []race {
	again := func(t *testing.T, s *Server, b *Browser, page *Answer, action string) {
		t.Helper()
		s.Advance(s.Config.Lease)
		toItsme(t, s, b.Submit(page, action))
	}
	return []race{
		{"is led to itsme", again, "navigate", false},
		{"comes back with a code", func(t *testing.T, s *Server, b *Browser, page *Answer, action string) {
			t.Helper()
			again(t, s, b, page, action)
			s.Approve()
			b.Get(s.ReturnURL())
		}, "", true},
		{"cancels", func(t *testing.T, s *Server, b *Browser, page *Answer, action string) {
			t.Helper()
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			again(t, s, b, page, action)
			b.Get(s.ReturnURL())
		}, "cancelled", false},
		{"gets no transaction", func(t *testing.T, s *Server, b *Browser, page *Answer, action string) {
			t.Helper()
			s.Advance(s.Config.Lease)
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			b.Submit(page, action)
		}, "unavailable", false},
		{"leaves", func(t *testing.T, s *Server, b *Browser, page *Answer, action string) {
			t.Helper()
			again(t, s, b, page, action)
			b.Submit(b.Get(s.ReturnURL()), "/itsme/leave")
		}, "", true},
	}
}

// The first click's transaction was not written, so it stands nowhere: whoever
// approved it would have approved in vain. It leads to what the second one wrote.
func TestTheSlowerClickLeadsToWhatWasWritten(t *testing.T) {
	for _, c := range clicks() {
		for _, row := range races() {
			t.Run(c.name+"/the second "+row.name, func(t *testing.T) {
				g := newGate()
				s := withoutRSA(t, Options{Parts: g.before})
				b := s.Browser()
				page := c.page(t, s, b)
				slow := newPassage()
				g.start <- slow
				first := later(func() *Answer { return b.Submit(page, c.action) })
				<-slow.reached
				lost := last(s)
				row.second(t, s, b, page, c.action)
				close(slow.open)
				wantWhereItStands(t, s, b, <-first, lost.RedirectURL, row)
				if n := s.Sandbox.Fetches(lost.Token); n != 0 {
					t.Errorf("CM was asked %d times about a transaction that was not written", n)
				}
			})
		}
	}
}

// wantWhereItStands compares an answer with what the login's own page shows.
func wantWhereItStands(t *testing.T, s *Server, b *Browser, got *Answer, back string, row race) {
	t.Helper()
	stands := b.Get(standsAt(s, idIn(back)))
	if stands.Page() != row.page || (stands.Location() != "") != row.ends {
		t.Fatalf("the login stands at page %q, leads to %q", stands.Page(), stands.Leads())
	}
	if got.Leads() != stands.Leads() || !row.ends && got.Page() != stands.Page() {
		t.Errorf("page %q leads to %q; want %q, %q", got.Page(), got.Leads(), stands.Page(), stands.Leads())
	}
}

// A person leaves, for which no lease is needed, while another tab tries again.
func TestLeavingBesideTryAgain(t *testing.T) {
	s, g := gated(t)
	b := s.Browser()
	page := cancelled(s, b)
	slow := newPassage()
	g.start <- slow
	first := later(func() *Answer { return b.Submit(page, "/itsme/retry") })
	<-slow.reached
	left := b.Submit(b.Submit(page, "/itsme/retry"), "/itsme/leave").Leads()
	close(slow.open)
	if answer := <-first; answer.Leads() != left || s.Response(answer).Get("error") != "access_denied" {
		t.Errorf("trying again leads to %q, leaving to %q", answer.Leads(), left)
	}
}
