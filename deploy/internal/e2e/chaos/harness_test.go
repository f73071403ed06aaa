//go:build products && chaos

package chaos_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTheHarnessFindsIt breaks what the other tests assert, and sees that they would tell.
func TestTheHarnessFindsIt(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		breakIt func(w *world)
		want    ending
	}{
		{"nothing is broken", func(*world) {}, completed},
		{"a page leads nowhere", func(w *world) {
			w.cm.fail(nil, whenGiven(cut))
			w.balancer.spoil = func(path string, body []byte) []byte {
				if strings.HasPrefix(path, "/itsme/return") {
					return []byte(`<body data-page="unavailable">`)
				}
				return body
			}
		}, lost},
		{"the bridge never answers for tokens", func(w *world) {
			w.balancer.spoil = func(path string, body []byte) []byte {
				if path == "/token" {
					panic(http.ErrAbortHandler)
				}
				return body
			}
		}, lost},
		{"another person's identity", func(w *world) {
			w.cm.fail(nil, whenGiven(func(rw http.ResponseWriter, _ *http.Request) bool {
				_ = json.NewEncoder(rw).Encode(map[string]string{"status": "success", "userId": "somebody-else"})
				return true
			}))
		}, wrong},
		{"userinfo of another person", func(w *world) {
			w.balancer.spoil = func(path string, body []byte) []byte {
				if path == "/userinfo" {
					return []byte(`{"sub":"somebody-else"}`)
				}
				return body
			}
		}, wrong},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, 1, single(startRedis(t).address))
			row.breakIt(w)
			ctx, cancel := soon(t)
			defer cancel()
			p := w.person(0)
			if end := p.login(ctx); end != row.want {
				t.Errorf("it ends %s, not %s:\n%s", end, row.want, strings.Join(p.story, "\n"))
			}
		})
	}
}

// soon is how long a person of these tests goes on.
func soon(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), 20*time.Second)
}

// TestTheHarnessFindsANewApproval has what CM gives out be lost, once.
func TestTheHarnessFindsANewApproval(t *testing.T) {
	t.Parallel()
	w := start(t, 1, single(startRedis(t).address))
	once := true
	w.cm.fail(nil, whenGiven(func(rw http.ResponseWriter, r *http.Request) bool {
		now := once
		once = false
		return now && cut(rw, r)
	}))
	ctx, cancel := soon(t)
	defer cancel()
	p := w.person(0)
	if end := p.login(ctx); end != ledOn || p.approvals != 2 {
		t.Errorf("it ends %s, after %d approvals:\n%s", end, p.approvals, strings.Join(p.story, "\n"))
	}
}
