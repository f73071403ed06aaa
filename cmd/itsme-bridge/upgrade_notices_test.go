package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// listener is a client that is told of logouts.
type listener struct {
	*httptest.Server

	status atomic.Int32 // of its answers
	tokens chan string  // that it has answered with 200
}

func newListener(t testing.TB) *listener {
	t.Helper()
	l := &listener{tokens: make(chan string, 100)}
	l.status.Store(http.StatusOK)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := int(l.status.Load())
		if status == http.StatusOK {
			l.tokens <- r.PostFormValue("logout_token")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(l.Close)
	return l
}

// notice is what a process says of one that it has tried to deliver.
type notice struct {
	Client string `json:"client"`
	Result string `json:"result"`
	Tries  int    `json:"tries"`
}

// notices are the next that it says something of, by client.
func (r *replica) notices(count int) map[string]notice {
	r.t.Helper()
	found := map[string]notice{}
	for range count {
		if err := r.process.await(`"msg":"logout notice"`); err != nil {
			r.t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(r.process.said.String()), "\n")
		var n notice
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &n); err != nil {
			r.t.Fatal(err)
		}
		found[n.Client] = n
	}
	return found
}

// notices: what one version could not tell a client, the other tells it, and once.
func notices(p *pair) {
	p.app.status.Store(http.StatusInternalServerError)
	p.rich.status.Store(http.StatusInternalServerError)
	p.running().before()
	b, got := p.loggedIn(set("scope", everything))
	told := p.verified(got.id)
	p.after()
	p.silently(b, "rich") // is to hear, too
	p.second.stop()
	p.before()
	again := spared(p.T, p.world)
	logout := "/logout?" + url.Values{"id_token_hint": {got.id}}.Encode()
	p.shows(b.Get(logout), "logged_out")
	want := map[string]notice{"app": {"app", "failed", 1}, "rich": {"rich", "failed", 1}}
	if said := p.first.notices(2); said["app"] != want["app"] || said["rich"] != want["rich"] {
		p.T.Fatalf("at first: %v", said)
	}
	p.first.stop()

	again() // as if the process had been killed between the notices and the end of the session
	p.app.status.Store(http.StatusOK)
	p.second.start()
	p.after()
	p.shows(b.Get(logout), "logged_out")
	want = map[string]notice{"app": {"app", "delivered", 1}, "rich": {"rich", "failed", 2}}
	if said := p.second.notices(2); said["app"] != want["app"] || said["rich"] != want["rich"] {
		p.T.Fatalf("then: %v", said)
	}
	p.includes(p.second.verified(<-p.app.tokens), map[string]any{"aud": "app", "sub": told["sub"], "sid": told["sid"]})
}

// spared remembers the records that are in Redis, and puts back those that are changed or gone.
func spared(t testing.TB, world *storagetest.World) (again func()) {
	t.Helper()
	type record struct {
		value string
		left  time.Duration
	}
	redis, kept := world.Redis(), map[string]record{}
	for key := range world.Dump() {
		if value, err := redis.Get(t.Context(), key).Result(); err == nil { // else it is of another kind
			kept[key] = record{value, redis.PTTL(t.Context(), key).Val()}
		}
	}
	return func() {
		t.Helper()
		for key, r := range kept {
			if redis.Get(t.Context(), key).Val() == r.value {
				continue
			}
			if err := redis.Set(t.Context(), key, r.value, r.left).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
