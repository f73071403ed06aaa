//go:build products && chaos

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
)

// row is one fault.
type row struct {
	name      string
	setup     func(t *testing.T) (w *world, fault func()) // the fault returns when all is whole again
	invisible bool                                        // nobody has to approve again
	brief     bool                                        // nor here, where the fault lasts for less than a write is repeated: in a short run
	faithful  bool                                        // nor here, unless Redis has forgotten what it had answered for
	unheard   bool                                        // and no request fails
	window    bool                                        // somebody has to approve again
}

// rows are all of them.
func rows() []row { return slices.Concat(redisRows(), topologyRows(), replicaRows(), cmRows()) }

// TestChaos writes the table when all rows have been run.
func TestChaos(t *testing.T) {
	t.Parallel()
	lines := newTable(len(rows()))
	t.Cleanup(func() { lines.write(t, heading) })
	for i, row := range rows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.run(t, lines, i)
		})
	}
}

// long is a run by hand: CHAOS=long.
func long() bool { return os.Getenv("CHAOS") == "long" }

// rate is how many logins begin in a second.
func rate() int {
	if long() {
		return 12
	}
	return 8
}

// lasting is how long a fault lasts: so long, or ten times as long in a long run.
func lasting(d time.Duration) time.Duration {
	if long() {
		return 10 * d
	}
	return d
}

// run lets people log in before, during and after a fault.
func (r row) run(t *testing.T, lines *table, at int) {
	t.Helper()
	w, fault := r.setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := w.begin(ctx, rate())
	l.more(t, 10)
	w.during(fault)
	l.more(t, 10)
	patience := time.AfterFunc(90*time.Second, cancel) // for whoever has begun
	l.finish()
	patience.Stop()
	lines.add(at, r.name, l)
	l.judge(t)
	switch {
	case (r.invisible || r.brief && !long()) && l.counts[ledOn] > 0:
		t.Error("nobody shall have to approve again")
	case r.faithful && !long() && w.forgot == 0 && l.counts[ledOn] > 0:
		t.Error("nobody shall have to approve again, since Redis has forgotten nothing")
	case r.unheard && l.failed > 0:
		t.Errorf("%d requests failed, as in:\n%s", l.failed, l.some(completed))
	case r.window && l.counts[ledOn] == 0:
		t.Error("nobody had to approve again: the window was not met")
	}
}

// judge fails the test where a login went where none may.
func (l *load) judge(t *testing.T) {
	t.Helper()
	for _, end := range []ending{lost, wrong} {
		if l.counts[end] > 0 {
			t.Errorf("%d %s:\n%s", l.counts[end], end, l.some(end))
		}
	}
	if l.counts[ledOn] > 0 {
		note(t, "chaos.txt", fmt.Sprintf("%s: %d %s, as in\n%s\n\n", t.Name(), l.counts[ledOn], ledOn, l.some(ledOn)))
	}
	if l.met == 0 {
		t.Error("nobody met the fault: this row shows nothing")
	}
}

const heading = `Logins, each by a person of their own:

| what happens | logins | met it | failed requests | completed | led on | lost | wrong | transactions | p50 ms | p99 ms |
|---|---|---|---|---|---|---|---|---|---|---|
`

// table has a line for each row.
type table struct {
	mu    sync.Mutex
	lines []string
}

func newTable(lines int) *table { return &table{lines: make([]string, lines)} }

func (t *table) add(at int, name string, l *load) {
	t.line(at, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |", name, len(l.took), l.met, l.failed,
		l.counts[completed], l.counts[ledOn], l.counts[lost], l.counts[wrong], l.w.cm.starts(),
		l.percentile(50).Milliseconds(), l.percentile(99).Milliseconds())
}

func (t *table) line(at int, format string, a ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines[at] = fmt.Sprintf(format+"\n", a...)
}

// write leaves it where make chaos finds it.
func (t *table) write(tb testing.TB, heading string) {
	tb.Helper()
	note(tb, "chaos.md", heading+strings.Join(t.lines, "")+"\n")
}

// note adds to a file in bin.
func note(tb testing.TB, name, text string) {
	tb.Helper()
	file, err := os.OpenFile(filepath.Join(e2e.Root(), "bin", name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		tb.Fatal(err)
	}
	_, problem := file.WriteString(text)
	if err := errors.Join(problem, file.Close()); err != nil {
		tb.Error(err)
	}
}
