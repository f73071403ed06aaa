package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// Promise 1: CM hands an identity out once, and it is never lost on our side.

// onBoth runs a test over the in-process Redis and over a real one.
func onBoth(t *testing.T, test func(t *testing.T, world func(testing.TB) *storagetest.World)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) { test(t, storagetest.New) })
	t.Run("real Redis", func(t *testing.T) { test(t, storagetest.Real) })
}

// A hundred returns at once: CM is asked once, one gets the redirect at once,
// and all the others get the same one when they look again.
func TestConcurrentReturns(t *testing.T) {
	onBoth(t, func(t *testing.T, world func(testing.TB) *storagetest.World) {
		t.Helper()
		s := With(t, Options{World: world(t)})
		b := s.Browser()
		back := b.Begin(nil)
		s.Approve()
		answers := make([]*Answer, 100)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() {
				answer, err := b.Try(back)
				if err != nil {
					t.Error(err)
					answer = &Answer{}
				}
				answers[i] = answer
			})
		}
		group.Wait()
		codes := map[string]bool{}
		for _, answer := range answers {
			switch {
			case answer.Location() != "":
				codes[answer.Location()] = true
			case answer.Page() != "waiting":
				t.Errorf("%d, page %q", answer.Status, answer.Page())
			}
		}
		codes[b.Get(back).Location()] = true
		if n := s.Sandbox.Fetches(last(s).Token); n != 1 || len(codes) != 1 {
			t.Errorf("CM was asked %d times, and there were %d responses; want 1 and 1", n, len(codes))
		}
	})
}

// The browser hangs up after CM has given the data out and before we have it.
func TestBrowserHangsUp(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	left := b.Leave(back)
	<-hold.Reached()
	left()
	hold.Release()
	if err := s.Provider.Drain(t.Context()); err != nil { // the drain waits for it
		t.Fatal(err)
	}
	if answer := b.Get(back); s.Response(answer).Get("code") == "" {
		t.Errorf("the login is lost: page %q", answer.Page())
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 1 {
		t.Errorf("CM was asked %d times, want once", n)
	}
}

// The drain does not end while an identity is on its way from CM to Redis.
func TestDrainWaits(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	returned := make(chan *Answer, 1)
	go func() {
		answer, _ := b.Try(back)
		returned <- answer
	}()
	<-hold.Reached()
	drained := make(chan error, 1)
	go func() { drained <- s.Provider.Drain(t.Context()) }()
	select {
	case <-drained:
		hold.Release()
		t.Fatal("the drain did not wait")
	case <-time.After(50 * time.Millisecond): // long enough for a drain that does not wait
	}
	hold.Release()
	if err := <-drained; err != nil {
		t.Error(err)
	}
	if answer := <-returned; answer == nil || answer.Location() == "" {
		t.Error("the login did not finish")
	}
}

// A replica dies after it has taken the lease and before CM was asked: once the
// lease has run out, another one finishes the login.
func TestReplicaDiesWithTheLease(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	lease := s.Store.NewLease("lease", loginID(back))
	if err := s.Store.Do(t.Context(), lease.Acquire(s.Config.Lease)); err != nil || !lease.Held() {
		t.Fatal("the dead replica had no lease", err)
	}
	if page := b.Get(back).Page(); page != "waiting" {
		t.Errorf("while the lease stands: page %q, want waiting", page)
	}
	if n := s.Sandbox.Fetches(last(s).Token); n != 0 {
		t.Errorf("CM was asked %d times beside the lease", n)
	}
	s.Advance(s.Config.Lease)
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
}

// A failover loses the lease: a second request asks CM, which has nothing left,
// and writes that. The first one's identity wins all the same.
func TestLostLease(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	first := make(chan *Answer, 1)
	go func() {
		answer, _ := b.Try(back)
		first <- answer
	}()
	<-hold.Reached()
	s.Advance(s.Config.Lease) // the lease is gone, the first request is not
	if page := b.Get(back).Page(); page != "no_data" {
		t.Errorf("the second request: page %q, want no_data", page)
	}
	hold.Release()
	if answer := <-first; answer == nil || s.Response(answer).Get("code") == "" {
		t.Error("the identity was dropped")
	}
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the identity was not kept")
	}
}

// A reply of Redis is lost, at each command of the way: the login still
// completes, or says "try again" where a command must not be sent twice.
func TestRedisRepliesLost(t *testing.T) {
	onBoth(t, func(t *testing.T, world func(testing.TB) *storagetest.World) {
		t.Helper()
		for _, row := range []struct {
			step string
			nth  int
		}{{"authorize", 1}, {"authorize", 2}, {"return", 1}, {"return", 2}} {
			s := With(t, Options{World: world(t)})
			b := s.Browser()
			if row.step == "authorize" {
				s.Faults().DropReply(row.nth)
			}
			back := b.Begin(nil)
			s.Approve()
			if row.step == "return" {
				s.Faults().DropReply(row.nth)
			}
			answer := b.Get(back)
			if code := s.Response(answer).Get("code"); code == "" || s.Exchange(code, nil).Status != http.StatusOK {
				t.Errorf("%s, reply %d: page %q", row.step, row.nth, answer.Page())
			}
			if n := s.Sandbox.Fetches(last(s).Token); n != 1 || s.Sandbox.Starts() != 1 {
				t.Errorf("%s, reply %d: CM was asked %d times, started %d times", row.step, row.nth, n, s.Sandbox.Starts())
			}
		}
	})
}

// Redis goes away while the identity is on its way, and comes back within the lease.
func TestRedisAwayWhileWriting(t *testing.T) {
	s := New(t)
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	hold := s.Sandbox.Hold()
	returned := make(chan *Answer, 1)
	go func() {
		answer, _ := b.Try(back)
		returned <- answer
	}()
	<-hold.Reached()
	s.Faults().Down()
	hold.Release()
	time.AfterFunc(300*time.Millisecond, s.Faults().Up)
	if answer := <-returned; answer == nil || s.Response(answer).Get("code") == "" {
		t.Error("the identity was not written again")
	}
}

// Redis is away for longer: the person gets a page that leads on, not a broken login.
func TestRedisAwayAtTheReturn(t *testing.T) {
	s := With(t, Options{Config: func(c *provider.Config) { c.WriteBudget = time.Second }})
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	s.Faults().Down()
	answer := b.Get(back)
	if answer.Status != http.StatusServiceUnavailable || answer.Page() != "unavailable" || !strings.Contains(answer.Body, "/itsme/return/") {
		t.Errorf("%d, page %q; want a page that leads to the same address\n%s", answer.Status, answer.Page(), answer.Body)
	}
	if !strings.Contains(answer.Body, notLost) {
		t.Errorf("the page does not say that an approval is not lost\n%s", answer.Body)
	}
	fields := s.Response(b.Authorize(nil))
	if fields.Get("error") != "temporarily_unavailable" {
		t.Errorf("a new login: %v, want temporarily_unavailable", fields)
	}
	if n := s.Sandbox.Starts(); n != 1 {
		t.Errorf("%d transactions, one of them for nothing", n)
	}
	s.Faults().Up()
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
}

// CM does not answer in time, once. The person tries again, at the same address.
func TestCMComesBack(t *testing.T) {
	s := New(t)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1})
	b := s.Browser()
	back := b.Begin(nil)
	if page := b.Get(back).Page(); page != "unavailable" {
		t.Errorf("page %q, want unavailable", page)
	}
	s.Advance(time.Second)
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login did not recover")
	}
}

// Any replica finishes any login.
func TestAnotherReplicaFinishes(t *testing.T) {
	s := New(t)
	replica := s.Replica()
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	answer := b.Get(strings.Replace(back, s.Issuer, replica.URL, 1))
	if s.Response(answer).Get("code") == "" {
		t.Errorf("page %q", answer.Page())
	}
}
