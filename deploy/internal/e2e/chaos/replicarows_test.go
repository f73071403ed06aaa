//go:build products && chaos

package chaos_test

import (
	"net/http"
	"testing"
	"time"
)

// replicaRows are what can happen to one of two replicas.
func replicaRows() []row {
	return []row{
		{name: "two replicas: a rolling restart", setup: rollingRestart, invisible: true, unheard: true},
		{name: "two replicas: kill -9, again and again", setup: killedAgain},
		{name: "two replicas: faults of all kinds, three at once", setup: mixed},
		{name: "two replicas: kill -9 between CM's answer and the write", setup: killedInTheWindow, window: true},
	}
}

func pair(t *testing.T) *world {
	t.Helper()
	return start(t, 2, single(startRedis(t).address))
}

// rollingRestart is one while CM takes longer than a replica waits before it drains, so
// that requests are under way when it does; before a balancer that sends nobody to another
// replica where the first cannot be reached.
func rollingRestart(t *testing.T) (*world, func()) {
	t.Helper()
	w := pair(t)
	w.balancer.strict.Store(true)
	return w, func() {
		w.cm.fail(late(2500*time.Millisecond), nil)
		defer w.cm.fail(nil, nil)
		for _, r := range w.replicas {
			r.stop(t)
			r.restart(t)
		}
	}
}

// killedAgain kills a replica at any moment, while the other goes on.
func killedAgain(t *testing.T) (*world, func()) {
	t.Helper()
	w := pair(t)
	times := 4
	if long() {
		times = 100
	}
	return w, func() {
		for n := range times {
			r := w.replicas[n%2]
			r.kill(t)
			r.restart(t)
			rest(500 * time.Millisecond)
		}
	}
}

// killedInTheWindow kills a replica to which CM has just given out who somebody is. CM
// gives that once.
func killedInTheWindow(t *testing.T) (*world, func()) {
	t.Helper()
	w := pair(t)
	w.balancer.prefer(w.replicas[0].backend)
	return w, func() {
		waiting := make(chan struct{}, 1000)
		w.cm.fail(nil, whenGiven(func(_ http.ResponseWriter, r *http.Request) bool {
			waiting <- struct{}{}
			wait(r.Context(), 2*time.Second)
			return false
		}))
		for range 3 {
			<-waiting
		}
		r := w.replicas[0]
		r.kill(t)
		w.cm.fail(nil, nil)
		r.restart(t)
	}
}
