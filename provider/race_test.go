package provider_test

import (
	"context"
	"strings"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// gate is CM behind a gate: the next call that is to be held waits before its
// answer is passed on, for as long as the test likes.
type gate struct {
	login.Upstream
	start, status chan *passage
}

type passage struct{ reached, open chan struct{} }

func newPassage() *passage { return &passage{make(chan struct{}), make(chan struct{})} }

func (p *passage) pass() { close(p.reached); <-p.open }

func newGate() *gate { return &gate{start: make(chan *passage, 1), status: make(chan *passage, 1)} }

// before puts the gate before CM.
func (g *gate) before(parts *provider.Parts) { g.Upstream, parts.Upstream = parts.Upstream, g }

// gated is a server whose CM is behind a gate.
func gated(t *testing.T) (*Server, *gate) {
	t.Helper()
	g := newGate()
	return With(t, Options{Parts: g.before}), g
}

func (g *gate) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	made, err := g.Upstream.Start(ctx, s)
	held(g.start)
	return made, err
}

func (g *gate) Status(ctx context.Context, transactionToken string) (itsme.Result, error) {
	result, err := g.Upstream.Status(ctx, transactionToken)
	held(g.status)
	return result, err
}

func held(next chan *passage) {
	select {
	case p := <-next:
		p.pass()
	default:
	}
}

// later sends a request and gives its answer when there is one.
func later(send func() *Answer) <-chan *Answer {
	answer := make(chan *Answer, 1)
	go func() { answer <- send() }()
	return answer
}

// A person leaves while the identity is on its way: the client has been told
// that the login is over, so it is.
func TestLeaveWhileFetching(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	fetching := later(func() *Answer { return b.Get(back) })
	<-hold.Reached()
	left := b.Submit(b.Get(back), "/itsme/leave").Leads()
	hold.Release()
	if answer := <-fetching; answer.Leads() != left || !strings.Contains(left, "error=access_denied") {
		t.Errorf("the fetch leads to %q, leaving to %q", answer.Leads(), left)
	}
	if again := b.Get(back).Leads(); again != left {
		t.Errorf("afterwards the login leads to %q, want %q", again, left)
	}
	for key := range s.Dump() {
		if strings.Contains(key, "grant:") {
			t.Errorf("an identity was kept for a login that is over: %s", key)
		}
	}
}

// An answer about the first attempt comes when the second has begun: it says nothing about that.
func TestAnOldAnswerForANewAttempt(t *testing.T) {
	s, g := gated(t)
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	back := b.Begin(nil)
	slow := newPassage()
	g.status <- slow
	first := later(func() *Answer { return b.Get(back) })
	<-slow.reached
	s.Advance(s.Config.Lease)
	b.Submit(b.Get(back), "/itsme/retry")
	close(slow.open)
	if answer := <-first; !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) {
		t.Errorf("the slow answer shows page %q, want the way to the second attempt", answer.Page())
	}
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Error("the second attempt was ended by the answer about the first")
	}
}

// Two tabs try again, and a failover loses the first one's lease: the attempt
// that was written first is the one that counts, for both.
func TestTryAgainWithoutTheLease(t *testing.T) {
	s, g := gated(t)
	b := s.Browser()
	page := cancelled(s, b)
	slow := newPassage()
	g.start <- slow
	first := later(func() *Answer { return b.Submit(page, "/itsme/retry") })
	<-slow.reached
	s.Advance(s.Config.Lease)
	second := b.Submit(page, "/itsme/retry").Leads()
	close(slow.open)
	if answer := <-first; answer.Leads() != second || second == "" {
		t.Errorf("the first tab leads to %q, the second to %q", answer.Leads(), second)
	}
	s.Approve()
	if s.Response(b.Get(s.ReturnURL())).Get("code") == "" {
		t.Error("the attempt that was shown does not finish")
	}
}

// Two first clicks, and a lost lease: one login.
func TestContinueWithoutTheLease(t *testing.T) {
	s, g := gated(t)
	b := plain(s)
	page := b.Authorize(nil)
	slow := newPassage()
	g.start <- slow
	first := later(func() *Answer { return b.Submit(page, "/itsme/continue") })
	<-slow.reached
	s.Advance(s.Config.Lease)
	second := b.Submit(page, "/itsme/continue").Leads()
	s.Approve()
	back := s.ReturnURL()
	close(slow.open)
	<-first
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Errorf("the login that was shown does not finish: %q", second)
	}
}

// The form of a page that offers no other attempt is sent to where attempts are
// made: one that is still open is not given up for another.
func TestNoAttemptBesideAnOpenOne(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	b := s.Browser()
	page := b.Get(b.Begin(nil))
	to, fields, ok := page.Form("/itsme/leave")
	if !ok || page.Page() != "waiting" {
		t.Fatalf("page %q", page.Page())
	}
	s.Advance(1e9)
	if answer := b.Post(strings.Replace(to, "leave", "retry", 1), fields); s.Sandbox.Starts() != 1 {
		t.Errorf("page %q, %d transactions, want 1", answer.Page(), s.Sandbox.Starts())
	}
}

// A person leaves, and at the same instant the identity is written: whoever
// writes first decides, and both are led there.
func TestLeaveAtTheInstantOfSuccess(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	b := s.Browser()
	back := b.Begin(nil)
	page := b.Get(back)
	s.Advance(1e9)
	reached, release := s.Faults().Hold(2) // what leave has decided to write
	leaving := later(func() *Answer { return b.Submit(page, "/itsme/leave") })
	<-reached
	finished := b.Get(back).Leads()
	release()
	if answer := <-leaving; answer.Leads() != finished || !strings.Contains(finished, "code=") {
		t.Errorf("the return leads to %q, leaving to %q", finished, answer.Leads())
	}
}
