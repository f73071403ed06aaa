package provider_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/ledger"
	. "itsme-bridge/provider/providertest"
)

// Whichever reply of Redis is lost on the way of a login, it is counted once.
func TestALostReplyChangesNoCount(t *testing.T) {
	for n := 1; n <= 6; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := withoutRSA(t, Options{App: func(c *client.Client) { c.SigningAlg = keys.ES256 }})
			b := s.Browser()
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			s.Faults().DropReply(n)
			back := b.Begin(nil)
			if answer := s.Exchange(s.Response(b.Get(back)).Get("code"), nil); answer.Status != http.StatusOK {
				t.Errorf("%d\n%s", answer.Status, answer.Body)
			}
			for range 2 {
				if got := usageOf(t, s); got != "started=1 success=1" {
					t.Errorf("%q", got)
				}
				settled(t, s)
			}
			if got := metered(t, s, "logins_total"); got != "success=1" {
				t.Errorf("metric: %q", got)
			}
		})
	}
}

// A process that is killed leaves a transaction that is counted by what Redis knew of it:
// as in doubt while CM was being asked for it.
func TestAKilledProcess(t *testing.T) {
	for _, row := range []struct {
		name string
		die  func(*Server, *gate, *passage) (last <-chan *Answer)
		want string
	}{
		{"while CM is asked for a transaction", func(s *Server, g *gate, p *passage) <-chan *Answer {
			g.start <- p
			return later(func() *Answer { return s.Browser().Authorize(nil) })
		}, "in_doubt=1"},
		{"while CM is asked for what became of it", func(s *Server, g *gate, p *passage) <-chan *Answer {
			b := s.Browser()
			back := b.Begin(nil)
			s.Approve()
			g.status <- p
			return later(func() *Answer { return b.Get(back) })
		}, "abandoned=1 started=1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, g := gated(t)
			p := newPassage()
			dying := row.die(s, g, p)
			<-p.reached
			count := func() {
				t.Helper()
				s.Advance(25 * time.Minute)
				if err := s.Restarted().CollectLogins(t.Context()); err != nil { // another process
					t.Error(err)
				}
				if got := usageOf(t, s); got != row.want {
					t.Errorf("%q, want %q", got, row.want)
				}
			}
			s.Advance(25 * time.Minute)
			if err := s.Restarted().CollectLogins(t.Context()); err != nil { // another process
				t.Error(err)
			}
			close(p.open) // this one was not killed, but stood still for long: what it says now counts for nothing
			<-dying
			count()
			if got := metered(t, s, "uncounted_total"); got == "" {
				t.Error("nobody says that it was not counted")
			}
		})
	}
}

// Two clicks at once each pay, where the first one is so slow that it loses its lease:
// both transactions are counted, and the login once.
func TestEveryTransactionOfARaceIsCounted(t *testing.T) {
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
				row.second(t, s, b, page, c.action)
				close(slow.open)
				<-first
				usageOf(t, s) // what is said behind people's backs
				settled(t, s)
				sum := 0
				for _, u := range readUsage(t, s) {
					total := ledger.Total(u.Days)
					sum += total.Started + total.Ends[ledger.InDoubt]
				}
				if sum != s.Sandbox.Starts() {
					t.Errorf("%d are counted, and CM was asked for %d", sum, s.Sandbox.Starts())
				}
				logins := metered(t, s, "logins_total")
				if begun := metered(t, s, "logins_begun_total"); begun != "n=1" || strings.Count(logins, "=") != 1 || !strings.HasSuffix(logins, "=1") {
					t.Errorf("begun %q, ended %q", begun, logins)
				}
				if got, want := metered(t, s, "transactions_total"), usageOf(t, s); got != want {
					t.Errorf("the metric says %q, and usage %q", got, want)
				}
			})
		}
	}
}

// Who leaves while CM is asked, and who comes back then: whoever writes first decides what
// is counted, too.
func TestLeavingWhileFetchingIsCountedAsTold(t *testing.T) {
	for range 10 {
		s := withoutRSA(t, Options{})
		b := s.Browser()
		back := b.Begin(nil)
		page := b.Get(back)
		s.Approve()
		s.Advance(time.Second)
		var group sync.WaitGroup
		group.Go(func() { _, _ = b.Try(back) })
		group.Go(func() { b.Submit(page, "/itsme/leave") })
		group.Wait()
		s.Advance(time.Second)
		want := "started=1 success=1"
		if s.Response(b.Get(back)).Get("code") == "" {
			want = "left=1 started=1"
		}
		settled(t, s)
		if got := usageOf(t, s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := metered(t, s, "logins_total"); !strings.Contains(want, got) {
			t.Errorf("metric %q, want that of %q", got, want)
		}
	}
}

// Replicas that count at once tell of each login once.
func TestReplicasCountOnce(t *testing.T) {
	s := withoutRSA(t, Options{})
	for range 20 {
		s.Browser().Begin(nil)
	}
	others := []*provider.Provider{s.Restarted(), s.Restarted()}
	s.Advance(25 * time.Minute)
	var group sync.WaitGroup
	for _, p := range append(others, s.Provider) {
		group.Go(func() {
			if err := p.CollectLogins(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := usageOf(t, s); got != "abandoned=20 started=20" {
		t.Errorf("%q", got)
	}
}

// Hundreds of people do what comes into their minds, on two replicas, while replies of
// Redis get lost: what was started is what became of it, and CM has made as many.
func TestManyLoginsAddUp(t *testing.T) {
	const people, atOnce = 500, 16
	s := withoutRSA(t, Options{Config: func(c *provider.Config) {
		c.Limits = ceilings.Limits{Window: time.Minute, PerAddress: 1e6, PerClient: 1e6, Total: 1e6}
	}})
	replica := s.Replica()
	draw := rand.New(rand.NewPCG(1, 2))
	var group sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for i := range people {
		if i%25 == 0 {
			s.Faults().DropReply(1 + draw.IntN(40))
		}
		mood := draw.IntN(8)
		room <- struct{}{}
		group.Go(func() {
			wander(s, replica.URL, mood)
			<-room
		})
	}
	group.Wait()
	adds := func() {
		t.Helper()
		usageOf(t, s)
		total := ledger.Total(readUsage(t, s)[0].Days)
		sum := total.Open
		for end, n := range total.Ends {
			if end != ledger.InDoubt && end != ledger.NotStarted {
				sum += n
			}
		}
		if sum != total.Started || total.Started != s.Sandbox.Starts() || total.Started < people || total.Ends[ledger.InDoubt] != 0 {
			t.Errorf("%d made by CM, %d started, and %d is what became of them: %+v", s.Sandbox.Starts(), total.Started, sum, total)
		}
	}
	adds()
	settled(t, s)
	adds()
}

// wander is a login of somebody in this mood.
func wander(s *Server, replica string, mood int) {
	scripts := []sandbox.Script{
		{},
		{Outcome: itsme.Success},
		{Outcome: itsme.Cancelled},
		{Outcome: itsme.Failure},
		{Outcome: itsme.Expired},
		{Outcome: itsme.Success, NoData: true},
		{Fault: sandbox.ServerError},
		{Outcome: itsme.Success, OpenFor: 1},
	}
	b := s.Browser()
	s.Sandbox.Next(scripts[mood]) // for whoever comes next: it does not matter who that is
	to := b.Authorize(nil).Leads()
	for _, transaction := range s.Sandbox.Transactions() {
		if transaction.AuthenticationURL != to || to == "" || mood == 0 {
			continue
		}
		back := transaction.RedirectURL
		if mood%2 == 0 {
			back = strings.Replace(back, s.Issuer, replica, 1)
		}
		page := b.Get(back)
		for _, action := range []string{"/itsme/retry", "/itsme/leave"}[:1+mood%2] {
			if _, _, ok := page.Form(action); ok {
				b.Submit(page, action)
			}
		}
	}
}

// A transaction counts on the day on which it began, in UTC, and in that day's month.
func TestADaysColumnsAddUp(t *testing.T) {
	s := withoutRSA(t, Options{})
	s.Advance(time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC).Sub(s.Now()))
	november := s.Now()
	b := s.Browser()
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	back := b.Begin(nil)
	s.Advance(2 * time.Minute)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
	b.Submit(b.Get(back), "/itsme/retry")
	b.Get(s.ReturnURL())
	for range 2 {
		for month, want := range map[time.Time]string{november: "2026-11-30 cancelled=1 started=1", s.Now(): "2026-12-01 started=1 success=1"} {
			all, err := ledger.Read(t.Context(), s.Store, month, []string{App})
			if err != nil || len(all) != 1 || len(all[0].Days) != 1 {
				t.Fatal(all, err)
			}
			day := all[0].Days[0]
			day.Ends["started"] = day.Started
			if got := day.Date.Format("2006-01-02 ") + nonzero(day.Ends); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		settled(t, s)
	}
}

// What Redis holds of transactions names their client, and nothing else that anybody knows.
func TestWhatTheLedgerHolds(t *testing.T) {
	s := withoutRSA(t, Options{})
	b := s.Browser()
	back := b.Begin(set("login_hint", "+32471234567"))
	s.Approve()
	b.Get(back)
	s.Browser().Begin(nil)
	look := func() (found string) {
		for key, value := range s.Dump() {
			if strings.Contains(key, "tally") {
				found += key + " " + string(value) + "\n"
			}
		}
		return found
	}
	held := look()
	settled(t, s)
	held += look()
	for _, part := range []string{"tally-open-", "tally-due:{usage:app}", "tally-2026-11:{usage:app}", "tally-subjects:{usage}"} {
		if !strings.Contains(held, part) {
			t.Errorf("it does not hold %s:\n%s", part, held)
		}
	}
	secret := secrets{"transactionToken": s.Sandbox.Transactions()[0].Token, "proof": back[strings.LastIndex(back, ".")+1:], "userId": maes().UserID, "hint": "+32471234567"}
	for i, cookie := range b.Secrets() {
		secret[fmt.Sprint("cookie ", i)] = cookie
	}
	secret.search(t, "the ledger", held)
}
