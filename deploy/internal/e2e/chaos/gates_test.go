//go:build products && chaos

package chaos_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// gatesRow is a way of CM not to answer.
type gatesRow struct {
	name       string
	fail, mend func(t *testing.T, w *world)
	unseen     bool // by CM: the calls are counted by the metrics alone
}

// gatesRows are ways not to answer anybody.
func gatesRows() []gatesRow {
	mend := func(_ *testing.T, w *world) { w.cm.fail(nil, nil) }
	fails := func(f fault) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.cm.fail(f, nil) }
	}
	return []gatesRow{
		{
			name: "nobody listens there",
			fail: func(_ *testing.T, w *world) { w.cm.leave() },
			mend: func(t *testing.T, w *world) { t.Helper(); w.cm.back(t) }, unseen: true,
		},
		{name: "it hangs", fail: fails(hang), mend: mend},
		{name: "it says 500", fail: fails(internalError), mend: mend},
	}
}

const gatesHeading = `People who come while CM does not answer:

| CM | people | answered while the breaker is open, CM not asked | calls to CM meanwhile | at most | most goroutines, more than before | completed | led on | lost | wrong |
|---|---|---|---|---|---|---|---|---|---|
`

// TestGates has CM be down for a minute (in a short run: for less). Once the breaker is
// open people are answered at once, since CM is not asked; when CM is back, so are the
// logins, with no restart.
func TestGates(t *testing.T) {
	t.Parallel()
	all := gatesRows()
	lines := newTable(len(all) + 3)
	t.Cleanup(func() { lines.write(t, gatesHeading) })
	for i, row := range all {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.run(t, lines, i)
		})
	}
	t.Run("500 for one of two merchant tokens", func(t *testing.T) {
		t.Parallel()
		oneOfTwoTokens(t, lines, len(all))
	})
	t.Run("many come back at once, and it hangs", func(t *testing.T) {
		t.Parallel()
		manyComeBack(t, lines, len(all)+2)
	})
}

// openFor is how long CM does not answer once the breaker is open.
func openFor() time.Duration {
	if long() {
		return time.Minute
	}
	return 6 * time.Second
}

// mostMore is how many goroutines there may be more than before a fault, however many
// people come: those of the connections that they have here, and of a few calls to CM.
const mostMore = 500

func (row gatesRow) run(t *testing.T, lines *table, at int) {
	t.Helper()
	w := start(t, 1, single(startRedis(t).address), impatient()...)
	r := w.replicas[0]
	l := w.begin(t.Context(), rate())
	l.more(t, 10)
	before := r.gates(t)
	var s spell
	w.during(func() {
		row.fail(t, w)
		s.opened = r.watch(t, "the breaker opens", func(now gates) bool { return now.open == 1 })
		seen := w.cm.seen("")
		s.lasts(t, r)
		if !row.unseen {
			s.opened.asked, s.last.asked = seen, w.cm.seen("")
		}
		row.mend(t, w)
	})
	r.watch(t, "the breaker closes", func(now gates) bool { return now.open == 0 })
	l.more(t, 10)
	l.finish()
	l.judge(t)
	if l.counts[ledOn] > 0 {
		t.Error("nobody shall have to approve again")
	}
	s.judge(t)
	if s.most() > before.goroutines+mostMore {
		t.Errorf("%d goroutines, before there were %d", s.most(), before.goroutines)
	}
	w.atRest(t, r, before.goroutines)
	if after := r.gates(t); !row.unseen && w.cm.seen("") != after.asked {
		t.Errorf("CM was asked for %d transactions, and the metrics say %d", w.cm.seen(""), after.asked)
	}
	lines.spell(at, row.name, l, &s, before.goroutines)
}

// atRest waits until a replica has no more goroutines than before, but for a few.
func (w *world) atRest(t *testing.T, r *replica, before int) {
	t.Helper()
	r.watch(t, "the goroutines have ended", func(now gates) bool {
		w.transport.CloseIdleConnections()
		w.balancer.transport.CloseIdleConnections()
		return now.goroutines <= before+20 && now.under == 0
	})
}

// oneOfTwoTokens has CM fail for the merchant token of one client. Nobody at the other
// one hears of it.
func oneOfTwoTokens(t *testing.T, lines *table, at int) {
	t.Helper()
	w := start(t, 1, single(startRedis(t).address))
	r := w.replicas[0]
	whole, broken := w.begin(t.Context(), rate()), w.beginAt(t.Context(), otherID, rate())
	whole.more(t, 10)
	broken.more(t, 10)
	before := r.gates(t)
	var s spell
	w.during(func() {
		w.cm.fail(forToken(otherToken, internalError), nil)
		s.opened = r.watch(t, "the breaker opens", func(now gates) bool { return now.open == 1 })
		seen := w.cm.seen(otherToken)
		whole.more(t, 4*rate()) // while it is open
		s.lasts(t, r)
		s.opened.asked, s.last.asked = seen, w.cm.seen(otherToken) // not those of the whole one
		if s.last.open != 1 {
			t.Errorf("%d breakers are open, want that of one token", s.last.open)
		}
		w.cm.fail(nil, nil)
	})
	s.judge(t)
	r.watch(t, "the breaker closes", func(now gates) bool { return now.open == 0 })
	broken.more(t, 10)
	for i, l := range []*load{whole, broken} {
		l.finish()
		l.judge(t)
		if l.counts[ledOn] > 0 {
			t.Error("nobody shall have to approve again")
		}
		lines.spell(at+i, "it says 500 for one of two merchant tokens: people of the client with "+[]string{"the other", "this"}[i], l, &s, before.goroutines)
	}
	if whole.failed > 0 {
		t.Errorf("%d requests of the other client's people failed, as in:\n%s", whole.failed, whole.some(completed))
	}
	if said := r.process.Said(); !strings.Contains(said, "client="+otherID) || strings.Contains(said, `CM does not answer: it is asked by one start at a time until it does" client=`+appID) {
		t.Error("the log does not say whose merchant token CM does not answer")
	}
}

// forToken is a fault of the starts with a merchant token.
func forToken(token string, f fault) fault {
	return func(w http.ResponseWriter, r *http.Request) bool { return callOf(r).token == token && f(w, r) }
}

// gates are how the gates of a replica stand.
type gates struct {
	open       int // breakers
	asked      int // starts that CM was asked for, whatever it said
	unasked    int // and not asked for
	full       int // status calls for which there was no place
	under      int // calls under way
	goroutines int
	most       int // goroutines, since somebody watches
}

func (r *replica) gates(t *testing.T) (g gates) {
	t.Helper()
	for name, value := range r.metrics(t) {
		metric, labels, _ := strings.Cut(name, "{")
		start := strings.Contains(labels, `operation="start"`)
		n := int(value)
		switch metric {
		case "go_goroutines":
			g.goroutines = n
		case "itsme_bridge_upstream_breaker_open":
			g.open = n
		case "itsme_bridge_upstream_under_way":
			g.under += n
		case "itsme_bridge_upstream_requests_total":
			g.asked += map[bool]int{true: n}[start]
		case "itsme_bridge_upstream_unasked_total":
			g.unasked += map[bool]int{true: n}[start]
			g.full += map[bool]int{false: n}[start]
		}
	}
	return g
}

// watch looks at the gates until something is so.
func (r *replica) watch(t *testing.T, what string, so func(gates) bool) (now gates) {
	t.Helper()
	most := 0
	within(t, what, func() bool {
		wait(t.Context(), 80*time.Millisecond)
		now = r.gates(t)
		most = max(most, now.goroutines)
		return so(now)
	})
	now.most = most
	return now
}

// spell is a time in which a breaker is open.
type spell struct {
	opened, last gates // when it had opened, and before CM was back
	took         time.Duration
}

// lasts lets it go on until many have come.
func (s *spell) lasts(t *testing.T, r *replica) {
	t.Helper()
	began := time.Now()
	s.last = r.watch(t, "people are answered", func(now gates) bool {
		return time.Since(began) > openFor() && now.unasked-s.opened.unasked > 3*rate()
	})
	s.took = time.Since(began)
}

// unasked are the starts for which CM was not asked.
func (s *spell) unasked() int { return s.last.unasked - s.opened.unasked }

func (s *spell) asked() int { return s.last.asked - s.opened.asked }

// allowed is how often CM may be asked: by one start that finds out after 1, 2 and 4
// seconds, and then every 5; and by a few that were about to when the breaker opened.
func (s *spell) allowed() int { return 8 + int(s.took/(5*time.Second)) }

// most is how many goroutines there were.
func (s *spell) most() int { return max(s.opened.most, s.last.most) }

func (s *spell) judge(t *testing.T) {
	t.Helper()
	if s.asked() > s.allowed() {
		t.Errorf("the breaker was open, and CM was asked %d times in %v, want %d at most", s.asked(), s.took, s.allowed())
	}
}

// spell adds a line.
func (t *table) spell(at int, name string, l *load, s *spell, before int) {
	t.line(at, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d |", name, len(l.took), s.unasked(), s.asked(), s.allowed(), s.most()-before,
		l.counts[completed], l.counts[ledOn], l.counts[lost], l.counts[wrong])
}
