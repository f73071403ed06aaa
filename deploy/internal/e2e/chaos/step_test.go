//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// A moment is where a login is held while its replica is killed.
type moment struct {
	of    string // "Redis" or "CM"
	n     int    // which round trip, or call
	after bool   // it has been carried out, and nobody has the answer yet
}

func (m moment) String() string {
	if m.after {
		return fmt.Sprintf("%s %d answered", m.of, m.n)
	}
	return fmt.Sprintf("%s %d asked", m.of, m.n)
}

// pairApart is two replicas that reach Redis each by a relay of its own.
func pairApart(t *testing.T) (w *world, first *storagetest.Faults) {
	t.Helper()
	redis := startRedis(t)
	var addresses []string
	for i := range 2 {
		address, faults := storagetest.Relay(t, redis.address)
		if addresses = append(addresses, address); i == 0 {
			first = faults
		}
	}
	w = start(t, 2, func(i int) string { return single(addresses[i])(i) })
	w.balancer.prefer(w.replicas[0].backend)
	return w, first
}

// moments are all of a login: two for each time that the bridge asks Redis or CM.
func moments(t *testing.T) (all []moment) {
	t.Helper()
	w, faults := pairApart(t)
	faults.Reset()
	p := w.person(0)
	p.quick = true // so that a replica asks Redis for nothing else meanwhile
	if end := p.login(t.Context()); end != completed {
		t.Fatalf("a login without a fault:\n%s", strings.Join(p.story, "\n"))
	}
	for n := range faults.Sent() {
		all = append(all, moment{"Redis", n + 1, false}, moment{"Redis", n + 1, true})
	}
	for n := range w.cm.calls() {
		all = append(all, moment{"CM", n + 1, false}, moment{"CM", n + 1, true})
	}
	return all
}

// TestKillAtEveryStep kills the replica that a login is at, each time at another moment of
// it. Another replica finishes it, by one approval; but for the window between CM's answer
// and the write, from which the person is led on.
func TestKillAtEveryStep(t *testing.T) {
	t.Parallel()
	all := moments(t)
	lines := newTable(len(all))
	t.Cleanup(func() {
		lines.write(t, "One login each, at two replicas, of which the one that has it is killed:\n\n"+
			"| kill -9 while a login is at | and its call of | ends | approvals |\n|---|---|---|---|\n")
	})
	for i, m := range all {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			m.run(t, lines, i)
		})
	}
}

// hold lets the login wait there.
func (m moment) hold(w *world, faults *storagetest.Faults) (reached <-chan struct{}, release func()) {
	switch {
	case m.of == "Redis" && m.after:
		return faults.HoldReply(m.n)
	case m.of == "Redis":
		return faults.Hold(m.n)
	}
	there, n := make(chan struct{}), 0
	held := func(_ http.ResponseWriter, r *http.Request) bool {
		if n++; n == m.n { // one login: one call at a time
			close(there)
			<-r.Context().Done()
			return true
		}
		return false
	}
	if m.after {
		w.cm.fail(nil, held)
	} else {
		w.cm.fail(held, nil)
	}
	return there, func() { w.cm.fail(nil, nil) }
}

func (m moment) run(t *testing.T, lines *table, line int) {
	t.Helper()
	w, faults := pairApart(t)
	faults.Reset()
	reached, release := m.hold(w, faults)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, ended := w.person(0), make(chan ending, 1)
	p.quick = true
	go func() { ended <- p.login(ctx) }()
	select {
	case <-reached:
	case end := <-ended:
		t.Fatalf("it never came there, and ended with %d", end)
	}
	at, given := p.where(), w.cm.gave(p)
	what, named := m.of, ""
	if m.of == "Redis" {
		what = faults.Sent()[m.n-1]
		named = " (" + what + ")"
	}
	w.replicas[0].kill(t)
	faults.Down() // what has not come to Redis never comes there
	release()
	end := <-ended
	lines.line(line, "| %s | %s %d%s %s | %s | %d |", at, m.of, m.n, named, map[bool]string{false: "asked", true: "answered"}[m.after], end, p.approvals)
	want, by := completed, ""
	switch {
	case at == "/itsme/return" && given && !(m.of == "Redis" && m.after):
		want, by = ledOn, "presses primary" // CM has given it out, and Redis has not got it: try again
	case at == "/token" && what == "eval" && m.after:
		want = ledOn // the code is spent, and nobody has its tokens: RFC 6749 §4.1.2
	}
	if end != want || by != "" && !slices.Contains(p.story, by) {
		t.Errorf("it ends %s, not %s:\n%s", end, want, strings.Join(p.story, "\n"))
	}
}
