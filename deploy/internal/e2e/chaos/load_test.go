//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// load is people who begin to log in at a steady rate.
type load struct {
	w       *world
	mu      sync.Mutex
	counts  map[ending]int
	met     int
	failed  int                 // requests without an answer, or with a server's error
	took    []time.Duration     // without what people thought
	stories map[ending][]string // of logins that are not completed, or had a request fail
	running sync.WaitGroup
	stop    chan struct{}
}

func newLoad(w *world) *load {
	return &load{w: w, counts: map[ending]int{}, stories: map[ending][]string{}, stop: make(chan struct{})}
}

// begin lets people come, so many a second.
func (w *world) begin(ctx context.Context, rate int) *load { return w.beginAt(ctx, appID, rate) }

// beginAt lets people come to a client.
func (w *world) beginAt(ctx context.Context, client string, rate int) *load {
	l := newLoad(w)
	l.running.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(rate))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-l.stop:
				return
			case <-tick.C:
				p := w.personAt(client, n)
				l.running.Go(func() { l.one(ctx, p) })
			}
		}
	})
	return l
}

// one is a login, and is counted.
func (l *load) one(ctx context.Context, p *person) {
	began := time.Now()
	end := p.login(ctx)
	took := time.Since(began) - p.thought
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[end]++
	l.took = append(l.took, took)
	l.failed += p.failed
	if p.met {
		l.met++
	}
	if end != completed || p.failed > 0 {
		l.stories[end] = append(l.stories[end], fmt.Sprintf("%s, after %d approvals:\n    %s", p.id, p.approvals, strings.Join(p.story, "\n    ")))
	}
}

// ended is how many logins have come to a good end.
func (l *load) ended() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[completed] + l.counts[ledOn]
}

// more waits until so many more logins have come to a good end.
func (l *load) more(t testing.TB, n int) {
	t.Helper()
	want := l.ended() + n
	within(t, "people log in", func() bool { return l.ended() >= want })
}

// some are a few stories of logins that ended so.
func (l *load) some(end ending) string {
	return strings.Join(l.stories[end][:min(3, len(l.stories[end]))], "\n")
}

// finish lets nobody begin any more, and waits for the others.
func (l *load) finish() {
	close(l.stop)
	l.running.Wait()
	slices.Sort(l.took)
}

func (l *load) percentile(n int) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[min(len(l.took)-1, len(l.took)*n/100)]
}

// tail is the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
