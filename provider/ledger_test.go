package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/ledger"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
)

// settled lets the time pass until nothing can become of any login, and counts.
func settled(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Provider.Drain(t.Context()); err != nil { // what is said behind people's backs
		t.Fatal(err)
	}
	s.Advance(25 * time.Minute)
	if err := s.Provider.CollectLogins(t.Context()); err != nil {
		t.Error(err)
	}
}

// usageOf is what became of App's transactions in the month that it is now: "started=1 success=1".
func usageOf(t *testing.T, s *Server) string {
	t.Helper()
	if err := s.Provider.Drain(t.Context()); err != nil { // what is said behind people's backs
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, u := range readUsage(t, s) {
		if u.Client == App {
			total := ledger.Total(u.Days)
			counts = maps.Clone(total.Ends)
			counts["started"], counts["open"] = total.Started, total.Open
		}
	}
	return nonzero(counts)
}

func readUsage(t *testing.T, s *Server) []ledger.Usage {
	t.Helper()
	all, err := ledger.Read(t.Context(), s.Store, s.Now(), []string{App})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func nonzero(counts map[string]int) string {
	var texts []string
	for name, n := range counts {
		if n != 0 {
			texts = append(texts, fmt.Sprintf("%s=%d", name, n))
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// metered are the series of a metric that are not zero, of App: "begun=1", "cancelled=1 success=2".
func metered(t *testing.T, s *Server, name string) string {
	t.Helper()
	families, err := s.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, family := range families {
		if family.GetName() != "itsme_bridge_"+name {
			continue
		}
		for _, metric := range family.GetMetric() {
			of, key := "", "n"
			for _, label := range metric.GetLabel() {
				if label.GetName() == "client" {
					of = label.GetValue()
				} else {
					key = label.GetValue()
				}
			}
			if of == App || of == "" {
				counts[key] += int(metric.GetCounter().GetValue() + metric.GetGauge().GetValue())
			}
		}
	}
	return nonzero(counts)
}

// life is one login, from its beginning to its end, and how it is counted.
type life struct {
	name   string
	app    func(*client.Client)
	lives  func(*Server, *Browser)
	before string // transactions, once all is done
	after  string // transactions, once nothing can become of it any more; empty: the same
	login  string // its outcome
	late   bool   // which only whoever counts finds out
}

// comesBackWith comes back to a transaction of this script.
func comesBackWith(script sandbox.Script) func(*Server, *Browser) {
	return func(s *Server, b *Browser) {
		s.Sandbox.Next(script)
		b.Get(b.Begin(nil))
	}
}

// cancelledThen does more with the page of a cancelled login.
func cancelledThen(action string, next ...sandbox.Script) func(*Server, *Browser) {
	return func(s *Server, b *Browser) {
		page := cancelled(s, b)
		for _, script := range next {
			s.Sandbox.Next(script)
		}
		b.Submit(page, action)
	}
}

func wholeLogins() []life {
	atOnce := func(c *client.Client) { c.RedirectFailures = true }
	restarts := func(c *client.Client) { c.RestartExpired = true }
	begun := func(script sandbox.Script) func(*Server, *Browser) {
		return func(s *Server, b *Browser) { s.Sandbox.Next(script); b.Authorize(nil) }
	}
	retried := func(outcome itsme.Status) func(*Server, *Browser) {
		return func(s *Server, b *Browser) {
			cancelledThen("/itsme/retry", sandbox.Script{Outcome: outcome})(s, b)
			b.Get(s.ReturnURL())
		}
	}
	expiredThen := func(action string) func(*Server, *Browser) {
		return func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Expired})
			b.Submit(b.Get(b.Begin(nil)), action)
		}
	}
	return []life{
		{name: "a success", lives: comesBackWith(sandbox.Script{Outcome: itsme.Success}), before: "started=1 success=1", login: "success"},
		{name: "nobody comes back", lives: begun(sandbox.Script{}), before: "open=1 started=1", after: "abandoned=1 started=1", login: "abandoned", late: true},
		{name: "nobody approves", lives: comesBackWith(sandbox.Script{}), before: "open=1 started=1", after: "abandoned=1 started=1", login: "abandoned", late: true},
		{name: "somebody approves late", lives: func(s *Server, b *Browser) {
			back := b.Begin(nil)
			s.Advance(13 * time.Minute) // nine more than there were
			s.Approve()
			b.Get(back)
		}, before: "started=1 success=1", login: "success"},
		{name: "it waits, and then succeeds", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
			back := b.Begin(nil)
			b.Get(back)
			s.Advance(time.Second)
			b.Get(back)
		}, before: "started=1 success=1", login: "success"},
		{name: "CM is silent, and then it succeeds", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 1})
			back := b.Begin(nil)
			b.Get(back)
			s.Advance(time.Second)
			b.Get(back)
		}, before: "started=1 success=1", login: "success"},
		{name: "CM is silent, and then it waits", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Fault: sandbox.ServerError, FaultTimes: 1})
			back := b.Begin(nil)
			b.Get(back)
			s.Advance(time.Second)
			b.Get(back)
		}, before: "open=1 started=1", after: "abandoned=1 started=1", login: "abandoned", late: true},
		{name: "CM is silent", lives: comesBackWith(sandbox.Script{Fault: sandbox.ServerError}), before: "open=1 started=1", after: "started=1 unavailable=1", login: "unavailable", late: true},
		{name: "CM is silent, and the person leaves", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Fault: sandbox.ServerError})
			b.Submit(b.Get(b.Begin(nil)), "/itsme/leave")
		}, before: "started=1 unavailable=1", login: "unavailable"},
		{name: "cancelled, and nothing more", lives: comesBackWith(sandbox.Script{Outcome: itsme.Cancelled}), before: "cancelled=1 started=1", login: "cancelled", late: true},
		{name: "cancelled, and told at once", app: atOnce, lives: comesBackWith(sandbox.Script{Outcome: itsme.Cancelled}), before: "cancelled=1 started=1", login: "cancelled"},
		{name: "cancelled, and left", lives: cancelledThen("/itsme/leave"), before: "cancelled=1 started=1", login: "cancelled"},
		{name: "cancelled, and left twice", lives: func(s *Server, b *Browser) {
			page := cancelled(s, b)
			b.Submit(page, "/itsme/leave")
			b.Submit(page, "/itsme/leave")
		}, before: "cancelled=1 started=1", login: "cancelled"},
		{name: "left while it waits", lives: func(_ *Server, b *Browser) {
			b.Submit(b.Get(b.Begin(nil)), "/itsme/leave")
		}, before: "left=1 started=1", login: "left"},
		{name: "tried again, with success", lives: retried(itsme.Success), before: "cancelled=1 started=2 success=1", login: "success"},
		{name: "tried again, and failed", lives: retried(itsme.Failure), before: "cancelled=1 failed=1 started=2", login: "failed", late: true},
		{name: "tried again, and abandoned", lives: cancelledThen("/itsme/retry", sandbox.Script{}), before: "cancelled=1 open=1 started=2", after: "abandoned=1 cancelled=1 started=2", login: "abandoned", late: true},
		{name: "tried again, and CM gives no answer", lives: cancelledThen("/itsme/retry", sandbox.Script{StartFault: sandbox.ServerError}), before: "cancelled=1 in_doubt=1 started=1", login: "unavailable", late: true},
		{name: "expired", lives: comesBackWith(sandbox.Script{Outcome: itsme.Expired}), before: "expired=1 started=1", login: "expired", late: true},
		{name: "expired, and left", app: restarts, lives: expiredThen("/itsme/leave"), before: "expired=1 started=1", login: "expired"},
		{name: "expired, and begun anew", app: restarts, lives: expiredThen("/itsme/retry"), before: "expired=1 started=1", login: "restarted"},
		{name: "no identity", lives: comesBackWith(sandbox.Script{Outcome: itsme.Success, NoData: true}), before: "no_data=1 started=1", login: "no_data", late: true},
		{name: "somebody else approves", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			b.Get(b.Begin(set("claims", `{"id_token":{"sub":{"value":"somebody"}}}`)))
		}, before: "started=1 wrong_person=1", login: "wrong_person"},
		{name: "CM refuses to tell", lives: comesBackWith(sandbox.Script{Fault: sandbox.BadRequest}), before: "refused=1 started=1", login: "refused", late: true},
		{name: "CM refuses to start", lives: begun(sandbox.Script{StartFault: sandbox.BadRequest}), before: "not_started=1", login: "refused", late: true},
		{name: "CM refuses to start, and it is told at once", app: atOnce, lives: begun(sandbox.Script{StartFault: sandbox.BadRequest}), before: "not_started=1", login: "refused"},
		{name: "CM refuses the hint", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.BadRequest})
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			b.Get(b.Begin(set("login_hint", "+32471234567")))
		}, before: "started=1 success=1", login: "success"},
		{name: "CM gives no answer", lives: begun(sandbox.Script{StartFault: sandbox.Cut}), before: "in_doubt=1", login: "unavailable", late: true},
		{name: "CM gives no answer, and the person leaves", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.Cut})
			b.Submit(b.Authorize(nil), "/itsme/leave")
		}, before: "in_doubt=1", login: "unavailable"},
		{name: "by a click", lives: func(s *Server, b *Browser) {
			b.Header = http.Header{}
			page := b.Authorize(nil)
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			b.Submit(page, "/itsme/continue")
			b.Submit(page, "/itsme/continue")
			b.Get(s.ReturnURL())
		}, before: "started=1 success=1", login: "success"},
		{name: "never clicked", lives: func(_ *Server, b *Browser) {
			b.Header = http.Header{}
			b.Authorize(nil)
		}},
		{name: "reloaded and redeemed", lives: func(s *Server, b *Browser) {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			back := b.Begin(nil)
			code := s.Response(b.Get(back)).Get("code")
			b.Get(back)
			s.Exchange(code, nil)
			b.Get(back)
		}, before: "started=1 success=1", login: "success"},
	}
}

// Each transaction is counted by what became of it, and each login ends in one way,
// which is told to whoever wants to hear of it, once.
func TestHowALoginIsCounted(t *testing.T) {
	for _, row := range wholeLogins() {
		t.Run(row.name, func(t *testing.T) {
			var ends []ledger.End
			s := withoutRSA(t, Options{App: row.app, Parts: func(p *provider.Parts) {
				p.Ended = func(_ context.Context, e ledger.End) { ends = append(ends, e) }
			}})
			row.lives(s, s.Browser())
			began := ""
			if row.login != "" {
				began = "n=1"
			}
			look := func(transactions, login string) {
				t.Helper()
				if got := usageOf(t, s); got != transactions {
					t.Errorf("usage %q, want %q", got, transactions)
				}
				if got := metered(t, s, "logins_begun_total"); got != began {
					t.Errorf("begun %q", got)
				}
				if got := metered(t, s, "logins_total"); got != strings.TrimPrefix(login+"=1", "=1") {
					t.Errorf("logins %q, want %q", got, login)
				}
				if want := min(1, len(login)); len(ends) != want || want > 0 && (ends[0].Outcome != login || ends[0].Client != App || !storage.IsID(ends[0].Login)) {
					t.Errorf("ended: %+v, want %q", ends, login)
				}
			}
			now, after := row.login, row.after
			if row.late {
				now = ""
			}
			if after == "" {
				after = row.before
			}
			look(row.before, now)
			open := ""
			if row.late {
				open = "n=1"
			}
			if got := metered(t, s, "logins_open"); got != open {
				t.Errorf("open %q, want %q", got, open)
			}
			settled(t, s)
			look(after, row.login)
			if got := metered(t, s, "transactions_total"); got != after {
				t.Errorf("metric of transactions %q, want %q", got, after)
			}
			settled(t, s)
			look(after, row.login)
		})
	}
}

// Who leaves a page long after the deadline, when the login has been counted, changes
// nothing about it, and nothing is lost.
func TestLeavingLongAfterTheEndIsNotCountedAgain(t *testing.T) {
	var ends []ledger.End
	s := withoutRSA(t, Options{Parts: func(p *provider.Parts) {
		p.Ended = func(_ context.Context, e ledger.End) { ends = append(ends, e) }
	}})
	b := s.Browser()
	page := cancelled(s, b)
	settled(t, s)
	counted := usageOf(t, s)
	if left := b.Submit(page, "/itsme/leave"); left.Leads() == "" {
		t.Errorf("it leads nowhere: %d", left.Status)
	}
	settled(t, s)
	if len(ends) != 1 || ends[0].Outcome != "cancelled" {
		t.Errorf("told %+v", ends)
	}
	if got := usageOf(t, s); got != counted {
		t.Errorf("usage %q, was %q", got, counted)
	}
	if got := metered(t, s, "logins_total"); got != "cancelled=1" {
		t.Errorf("logins %q", got)
	}
	if got := metered(t, s, "transactions_total"); got != counted {
		t.Errorf("transactions %q, want %q", got, counted)
	}
	if got := metered(t, s, "uncounted_total"); got != "" {
		t.Errorf("uncounted %q", got)
	}
}

// What a hook is told of a login's end.
func TestWhatIsToldOfAnEnd(t *testing.T) {
	var ends []ledger.End
	s := withoutRSA(t, Options{Parts: func(p *provider.Parts) {
		p.Ended = func(_ context.Context, e ledger.End) { ends = append(ends, e) }
	}})
	b := s.Browser()
	page := cancelled(s, b)
	s.Advance(30 * time.Second)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
	b.Submit(page, "/itsme/retry")
	s.Advance(12 * time.Second)
	back := s.ReturnURL()
	b.Get(back)
	want := ledger.End{Client: App, Outcome: "success", Login: loginID(back), Attempts: 2, Duration: 42 * time.Second}
	if len(ends) != 1 || ends[0] != want {
		t.Errorf("%+v, want %+v", ends, want)
	}
	s.Browser().Begin(nil)
	abandoned := ledger.End{Client: App, Outcome: "abandoned", Login: loginID(s.ReturnURL()), Attempts: 1}
	settled(t, s)
	if len(ends) != 2 || ends[1] != abandoned {
		t.Errorf("%+v, want %+v", ends, abandoned)
	}
}

// A start that does not happen is taken back: above a ceiling, and where Redis fails.
func TestAStartThatDoesNotHappenIsNotCounted(t *testing.T) {
	for _, row := range slices.Concat(continueExits(), retryExits(), exitsWhereRedisFails()) {
		t.Run(row.name, func(t *testing.T) {
			s := crowded(t)
			b := s.Browser()
			row.take(t, s, b)
			made := s.Sandbox.Starts()
			settled(t, s)
			got := usageOf(t, s)
			if strings.Contains(got, "in_doubt") || made > 0 && !strings.Contains(got, fmt.Sprintf("started=%d", made)) {
				t.Errorf("%q, with %d transactions at CM", got, made)
			}
		})
	}
}

// What CM was never asked for has not been started.
func TestCMThatIsNotReached(t *testing.T) {
	s := withoutRSA(t, Options{Upstream: func(c itsme.Config) itsme.Config {
		c.BaseURL = "http://127.0.0.1:1"
		return c
	}})
	s.Browser().Authorize(nil)
	if got := usageOf(t, s); got != "not_started=1" {
		t.Errorf("%q", got)
	}
}
