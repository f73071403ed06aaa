package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// approvedSlowly is a login whose identity CM has given out, and that nobody has got yet.
// The person has seen the waiting page meanwhile.
func approvedSlowly(t *testing.T, s *Server, b *Browser) (back string, hold *sandbox.Hold) {
	t.Helper()
	back = b.Begin(nil)
	s.Approve()
	hold = s.Sandbox.Hold()
	if page := b.Get(back); page.Status != http.StatusOK || page.Page() != "waiting" {
		t.Fatalf("%d, page %q; want the waiting page", page.Status, page.Page())
	}
	<-hold.Reached()
	return back, hold
}

// fetched waits until what CM was asked for is in Redis.
func fetched(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Provider.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Promise 1: once CM was asked, its answer is waited for as long as it may come,
// while the person sees the waiting page; the next look finds the outcome.
func TestASlowAnswerOfCMIsNotGivenUp(t *testing.T) {
	t.Parallel() // it takes as long as the person's patience
	s := withoutRSA(t, Options{Config: func(c *provider.Config) { c.Upstream = 100 * time.Millisecond }})
	b := s.Browser()
	back, hold := approvedSlowly(t, s, b)
	if page := b.Get(back).Page(); page != "waiting" {
		t.Errorf("a second look: page %q", page)
	}
	hold.Release()
	fetched(t, s)
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
		t.Errorf("CM was asked %d times, want once", n)
	}
	if !strings.Contains(s.Log.String(), "finished after the request") || !strings.Contains(s.Log.String(), `"cm_status":"success"`) {
		t.Errorf("the log does not say what CM has said: %s", s.Log)
	}
}

// The lease stands as long as CM is being asked, however long that takes: nobody
// else asks.
func TestTheLeaseIsKeptWhileCMIsAsked(t *testing.T) {
	t.Parallel() // as TestASlowAnswerOfCMIsNotGivenUp
	s := withoutRSA(t, Options{Config: func(c *provider.Config) {
		c.Upstream, c.WriteBudget, c.Lease = 50*time.Millisecond, 100*time.Millisecond, 300*time.Millisecond
	}})
	b := s.Browser()
	back, hold := approvedSlowly(t, s, b)
	for range 3 {
		s.Advance(s.Config.Lease - time.Millisecond)
		for left := time.Duration(0); left < s.Config.Lease/2; {
			left = s.Redis().PTTL(t.Context(), "test:lease:{"+loginID(back)+"}").Val()
			if left < 0 {
				t.Fatal("the lease is gone")
			}
		}
		if page := b.Get(back).Page(); page != "waiting" {
			t.Fatalf("page %q", page)
		}
	}
	hold.Release()
	fetched(t, s)
	if s.Response(b.Get(back)).Get("code") == "" || s.Sandbox.Fetches(last(s).Token) != 1 {
		t.Errorf("CM was asked %d times", s.Sandbox.Fetches(last(s).Token))
	}
}

// A CM that goes on to say nothing is told as such by the next look, and asked
// again by the one after it.
func TestASlowFailureOfCMIsTold(t *testing.T) {
	t.Parallel() // as TestASlowAnswerOfCMIsNotGivenUp
	s := withoutRSA(t, Options{})
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1, StatusDelay: 1700 * time.Millisecond})
	back := b.Begin(nil)
	if page := b.Get(back).Page(); page != "waiting" {
		t.Fatalf("page %q, want waiting", page)
	}
	fetched(t, s)
	s.Advance(time.Second) // nobody asks CM again before
	told := b.Get(back)
	if told.Status != http.StatusServiceUnavailable || told.Page() != "unavailable" {
		t.Errorf("%d, page %q", told.Status, told.Page())
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
		t.Errorf("CM was asked %d times", n)
	}
	if page := b.Get(back).Page(); page != "waiting" {
		t.Fatalf("page %q, want waiting", page)
	}
	fetched(t, s)
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
}

// Promise 1: Redis forgets a login while its identity is in our hands. Whole, it
// is written from there.
func TestRedisForgetsALoginWhoseIdentityIsInHand(t *testing.T) {
	onBoth(t, func(t *testing.T, world func(testing.TB) *storagetest.World) {
		t.Helper()
		for _, row := range []struct {
			name    string
			forgets func(s *Server, login string)
		}{
			{"all of it", func(s *Server, _ string) { s.Redis().FlushAll(s.T.Context()) }},
			{"killed, and back empty", func(s *Server, _ string) {
				refused := s.Faults().Down()
				s.Redis().FlushAll(s.T.Context())
				go func() { <-refused; s.Faults().Up() }()
			}},
			{"a failover without this record", func(s *Server, login string) {
				s.Redis().Del(s.T.Context(), "test:login:{"+login+"}")
			}},
			{"a failover without any of this login", func(s *Server, login string) {
				for _, record := range []string{"login", "transaction", "label", "lease"} {
					s.Redis().Del(s.T.Context(), "test:"+record+":{"+login+"}")
				}
			}},
		} {
			t.Run(row.name, func(t *testing.T) {
				s := withSessions(t, Options{World: world(t)})
				b := s.Browser()
				back := b.Begin(nil)
				s.Approve()
				hold := s.Sandbox.Hold()
				answer := later(func() *Answer { return b.Get(back) })
				<-hold.Reached()
				row.forgets(s, loginID(back))
				hold.Release()
				code := s.Response(<-answer).Get("code")
				tokens := s.Exchange(code, nil)
				tokens.Wants(t, http.StatusOK, "")
				info := s.UserInfo(tokens.JSON()["access_token"].(string))
				if info.JSON()["sub"] == nil {
					t.Errorf("%s", info.Body)
				}
				if got := b.Get(back); got.Page() != "finished" {
					t.Errorf("afterwards: page %q", got.Page())
				}
				if page := s.Browser().Get(back); page.Page() != "other_browser" || !strings.Contains(page.Body, "The App") {
					t.Errorf("another browser is not led on: page %q", page.Page())
				}
			})
		}
	})
}

// Promise 1: the write of an identity finds the login forgotten, and Redis is away for
// the look at what is there instead. It is looked at again, and the identity is kept.
func TestAnIdentityIsKeptWhenALookAtItsLoginFails(t *testing.T) {
	onBoth(t, func(t *testing.T, world func(testing.TB) *storagetest.World) {
		t.Helper()
		s := withSessions(t, Options{World: world(t)})
		b := s.Browser()
		back := b.Begin(nil)
		s.Approve()
		hold := s.Sandbox.Hold()
		answer := later(func() *Answer { return b.Get(back) })
		<-hold.Reached()
		s.Redis().Del(s.T.Context(), "test:login:{"+loginID(back)+"}")
		reached, goOn := s.Faults().Hold(2) // the write is the first
		hold.Release()
		<-reached
		refused := s.Faults().Down()
		goOn()
		<-refused
		s.Faults().Reset()
		s.Faults().Up()
		code := s.Response(<-answer).Get("code")
		if sent := s.Faults().Sent(); len(sent) == 0 || !strings.HasPrefix(sent[0], "get+") { // whoever had the lease then would ask CM once more
			t.Errorf("the lease was given back before the identity was written: %q", sent)
		}
		s.Exchange(code, nil).Wants(t, http.StatusOK, "")
	})
}
