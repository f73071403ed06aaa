//go:build products && chaos

package chaos_test

import (
	"net/http"
	"testing"
	"time"
)

// cmRows are what can happen to CM. Where a call fails before it has taken effect, nobody
// has to approve again. Where the answer that has an identity fails, it is gone.
func cmRows() []row {
	return []row{
		{name: "CM is slow, 1.6 s each time", setup: cmFails(slow, nil), invisible: true},
		{name: "CM hangs", setup: cmFails(hang, nil, impatient()...), invisible: true},
		{name: "CM says 500", setup: cmFails(internalError, nil), invisible: true},
		{name: "CM cuts the connection", setup: cmFails(cut, nil), invisible: true},
		{name: "CM answers with garbage", setup: cmFails(garbage, nil)},
		{name: "CM is away", setup: cmAway, invisible: true},
		{name: "CM gives out who it is, and hangs", setup: cmFails(nil, whenGiven(hang), impatient()...), window: true},
		{name: "CM gives out who it is, and cuts the connection", setup: cmFails(nil, whenGiven(cut)), window: true},
		{name: "CM gives out who it is, late", setup: cmFails(nil, whenGiven(slow)), invisible: true},
	}
}

// cmFails has CM fail for a while.
func cmFails(before, after fault, instead ...string) func(*testing.T) (*world, func()) {
	return func(t *testing.T) (*world, func()) {
		t.Helper()
		w := start(t, 1, single(startRedis(t).address), instead...)
		return w, func() {
			w.cm.fail(before, after)
			rest(lasting(4 * time.Second))
			w.cm.fail(nil, nil)
		}
	}
}

func cmAway(t *testing.T) (*world, func()) {
	t.Helper()
	w := start(t, 1, single(startRedis(t).address))
	return w, func() {
		w.cm.leave()
		rest(lasting(6 * time.Second))
		w.cm.back(t)
	}
}

// slow is late, but not too late: itsme.timeout is 4 s.
func slow(w http.ResponseWriter, r *http.Request) bool { return late(1600*time.Millisecond)(w, r) }

func late(by time.Duration) fault {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		wait(r.Context(), by)
		return false
	}
}

func hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

func cut(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }

func internalError(w http.ResponseWriter, _ *http.Request) bool {
	http.Error(w, "<h1>Internal Server Error</h1>", http.StatusInternalServerError)
	return true
}

func garbage(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"succ`))
	return true
}
