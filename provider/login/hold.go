package login

import (
	"context"
	"net/http"
	"sync"
	"time"

	"itsme-bridge/provider/edge"
)

// A waiting page without scripts loads again by itself, and each time a screen reader
// begins anew. So such a reload is answered as soon as there is something new, or after
// a while. It looks as often as reloads would, and between two looks it holds nothing
// but its connection.
const (
	holdFor = 8 * time.Second  // proxies wait for longer than that
	maxHeld = 256              // in this process; whoever comes then is answered at once,
	slowly  = 10 * time.Second // and told to come back later
	maxTabs = 2                // of one login: nobody takes every place with many tabs
)

// holds are the requests that are held.
type holds struct {
	most  time.Duration // of one
	free  chan struct{} // one for each that may still be
	ended chan struct{} // closed: nobody is held any more
	end   sync.Once

	mu   sync.Mutex
	tabs map[string]int // requests that are held, by the login
}

// newHolds makes them for so many at once. The server's own patience with an answer is
// longer than the lease: half of that is left for the last look.
func newHolds(many int, lease time.Duration) *holds {
	h := &holds{most: min(holdFor, lease/2), free: make(chan struct{}, many), ended: make(chan struct{}), tabs: map[string]int{}}
	for range many {
		h.free <- struct{}{}
	}
	return h
}

// Hurry answers whoever is held, and holds nobody from now on. Call it before the
// server waits for its last requests.
func (l *Logins) Hurry() { l.holds.end.Do(func() { close(l.holds.ended) }) }

// heldKey finds the held of a request.
type heldKey struct{}

// held is one request that is held.
type held struct {
	login string        // the one that it waits for
	full  bool          // other tabs wait for that login already
	pause time.Duration // until it is worth looking again
	show  func()        // the waiting page; nil: something else was answered
}

// hold looks again and again until there is something else to answer than the waiting
// page, or the time is up, or the browser hangs up.
func (h *holds) hold(w http.ResponseWriter, r *http.Request, look func(http.ResponseWriter, *http.Request) error) error {
	select {
	case <-h.ended:
		return look(w, r)
	default:
	}
	select {
	case <-h.free:
	default:
		return look(w, r)
	}
	defer func() { h.free <- struct{}{} }()
	state := new(held)
	ctx := context.WithValue(r.Context(), heldKey{}, state)
	r = r.WithContext(ctx)
	whole := time.NewTimer(h.most)
	defer whole.Stop()
	joined := false
	for {
		state.show = nil
		if err := look(w, r); err != nil || state.show == nil {
			return err
		}
		if !joined {
			if !h.join(state.login) {
				state.full = true
				state.show()
				return nil
			}
			joined = true
			defer h.part(state.login)
		}
		if !h.sleep(ctx, state.pause, whole.C) {
			state.show()
			return nil
		}
		edge.EventOf(ctx).Held(state.pause)
	}
}

// sleep is false where there is no sense in waiting for longer.
func (h *holds) sleep(ctx context.Context, pause time.Duration, over <-chan time.Time) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-over:
		return false
	case <-ctx.Done():
		return false
	case <-h.ended:
		return false
	}
}

// join is false where enough requests are held for a login already.
func (h *holds) join(login string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tabs[login] >= maxTabs {
		return false
	}
	h.tabs[login]++
	return true
}

// part is the end of what join has begun.
func (h *holds) part(login string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tabs[login]--; h.tabs[login] == 0 {
		delete(h.tabs, login)
	}
}

// keeps leaves the waiting page of a login to whoever holds the request. It is false
// where nobody does.
func keeps(r *http.Request, login string, pause time.Duration, show func()) bool {
	state, ok := r.Context().Value(heldKey{}).(*held)
	if ok {
		state.login, state.pause, state.show = login, pause, show
	}
	return ok
}

// reloads reports whether a page of ours loads again by itself: a browser says that no
// person has done it, and that it was on our page already.
func reloads(r *http.Request) bool {
	h := r.Header
	return r.Method == http.MethodGet && edge.ArrivalOf(h) == edge.Navigation &&
		h.Get("Sec-Fetch-Site") == "same-origin" && !edge.ByHand(h)
}

// comesBackIn is how soon a page without scripts is to load again: after its pause
// where it will be held then, and else not so soon.
func comesBackIn(r *http.Request, pause time.Duration) time.Duration {
	state, isHeld := r.Context().Value(heldKey{}).(*held)
	if reloads(r) && (!isHeld || state.full) || edge.ArrivalOf(r.Header) == edge.Doubtful {
		return max(pause, slowly)
	}
	return pause
}
