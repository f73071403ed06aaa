//go:build products && chaos

package chaos_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// prompt is how many status calls there may be at once before any of them is late, and places how
// many in all: as many more that are late, and eight times 32, since some places are always left.
const (
	prompt = 256
	places = 2*prompt + 8*32
)

// crowd is how many come back at once.
const crowd = 700

// manyComeBack has more people approve than may ask for it at once, and CM hang when they come back.
// Each of them gets a page while CM answers nobody, and what they have approved in the end.
func manyComeBack(t *testing.T, lines *table, at int) {
	t.Helper()
	w := start(t, 1, single(startRedis(t).address), "status_timeout: 30s", "status_timeout: 1m")
	r := w.replicas[0]
	held, waiting := newQueue(), newQueue()
	w.cm.fail(held.hold, nil)
	w.balancer.spoil = func(path string, body []byte) []byte {
		if strings.HasPrefix(path, "/itsme/return/") && strings.Contains(string(body), `data-page="waiting"`) {
			waiting.enter(path)
		}
		return body
	}
	before := r.gates(t)
	l := w.crowd(t)
	now := r.watch(t, "everybody sees the waiting page", func(gates) bool { return waiting.all() >= crowd })
	now.most = max(now.most, r.watch(t, "late calls leave their places", func(gates) bool { return held.most() > prompt }).most)
	if held.most() > places {
		t.Errorf("CM was asked for %d at once, want %d at most", held.most(), places)
	}
	if now.full == 0 {
		t.Error("there was a place for everybody: this row shows nothing")
	}
	const each = 5 // goroutines: the call with its connection, the lease, and who waits
	if now.most > before.goroutines+each*places+4*crowd {
		t.Errorf("%d goroutines, before there were %d", now.most, before.goroutines)
	}
	held.release()
	w.cm.fail(nil, nil)
	l.finish()
	l.judge(t)
	if l.counts[ledOn] > 0 {
		t.Error("nobody shall have to approve again")
	}
	w.atRest(t, r, before.goroutines)
	t.Logf("%d status calls at once, %d not made, %d goroutines", held.most(), now.full, now.most)
	lines.line(at, "| it hangs when %d come back at once | %d | | %d status calls at once | %d | %d | %d | %d | %d | %d |", crowd, len(l.took), held.most(), places,
		now.most-before.goroutines, l.counts[completed], l.counts[ledOn], l.counts[lost], l.counts[wrong])
}

// crowd begins to log in, all at once.
func (w *world) crowd(t *testing.T) *load {
	t.Helper()
	l := newLoad(w)
	w.faulty.Store(true)
	for n := range crowd {
		p := w.person(n)
		l.running.Go(func() { l.one(t.Context(), p) })
	}
	return l
}

// queue is who waits, or has waited, somewhere.
type queue struct {
	mu    sync.Mutex
	names map[string]int // of all who ever came, and how often
	in    int
	top   int // the most that were in at once
	free  chan struct{}
}

func newQueue() *queue { return &queue{names: map[string]int{}, free: make(chan struct{})} }

func (q *queue) enter(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.names[name]++
	q.in++
	q.top = max(q.top, q.in)
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.in--
}

func (q *queue) all() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.names)
}

// times is how often each has come.
func (q *queue) times() map[string]int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.names)
}

func (q *queue) most() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.top
}

// release lets everybody go on who is held.
func (q *queue) release() { close(q.free) }

// hold is a fault: a status call is held until it is released, or given up.
func (q *queue) hold(_ http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodPost {
		return false
	}
	q.enter(r.URL.Path)
	defer q.leave()
	select {
	case <-q.free:
		return false
	case <-r.Context().Done():
		return true
	}
}
