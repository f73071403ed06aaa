package provider_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
)

// exitsWhereRedisFails are those of a request whose lease Redis may have given out
// although it said nothing, or of which it then did not take what was to be written.
func exitsWhereRedisFails() []exit {
	return []exit{
		{"return: two replies are lost", "unavailable", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			back := b.Begin(nil)
			loseTwoReplies(s)
			return b.Get(back)
		}},
		{"try again: two replies are lost", "unavailable", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			loseTwoReplies(s)
			return b.Submit(page, "/itsme/retry")
		}},
		{"continue: two replies are lost", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			b.Header = http.Header{}
			page := b.Authorize(nil)
			loseTwoReplies(s)
			return b.Submit(page, "/itsme/continue")
		}},
		{"continue: nothing can be counted", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			s.Browser().Begin(nil)
			b.Header = http.Header{}
			page := b.Authorize(nil)
			spoilCounters(t, s)
			return b.Submit(page, "/itsme/continue")
		}},
	}
}

func loseTwoReplies(s *Server) {
	s.Faults().DropReply(1)
	s.Faults().DropReply(2)
}

// impatient is a server that gives up soon what Redis does not take.
func impatient(t *testing.T, parts func(*provider.Parts)) *Server {
	t.Helper()
	return withoutRSA(t, Options{Parts: parts, Config: func(c *provider.Config) {
		c.Upstream, c.WriteBudget, c.Lease = time.Second, 100*time.Millisecond, 1500*time.Millisecond
	}})
}

// jam makes every write of a record fail.
func jam(t *testing.T, s *Server, kind, id string) {
	t.Helper()
	key := "test:" + kind + ":{" + id + "}"
	if err := s.Redis().Del(t.Context(), key).Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Redis().RPush(t.Context(), key, "no string").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Redis().Expire(t.Context(), key, time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
}

// A click whose first write Redis does not take has paid for nothing: neither the lease
// nor what was counted is kept.
func TestAClickThatCannotBeWritten(t *testing.T) {
	s := impatient(t, nil)
	s.Browser().Begin(nil)
	b := s.Browser()
	b.Header = http.Header{}
	page := b.Authorize(nil)
	_, id := loginCookieOf(t, page)
	jam(t, s, "label", id)
	before := countsOf(s)
	b.Submit(page, "/itsme/continue")
	if err := s.Provider.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := leasesIn(s); len(keys) > 0 {
		t.Errorf("the lease was kept: %q", keys)
	}
	if after := countsOf(s); after != before || s.Sandbox.Starts() != 1 {
		t.Errorf("%s is counted, and %d transactions were started; want %s, and one", after, s.Sandbox.Starts(), before)
	}
}

// countsOf is what is counted for everybody together.
func countsOf(s *Server) string {
	var counts []string
	for key, value := range s.Dump() {
		if strings.HasPrefix(key, "test:starts:") {
			counts = append(counts, string(value))
		}
	}
	return strings.Join(counts, ", ")
}

// meanwhile is CM, with something that happens while it is asked.
type meanwhile struct {
	login.Upstream

	happens func()
}

func (m *meanwhile) Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	defer m.happens()
	return m.Upstream.Start(ctx, s)
}

func (m *meanwhile) Status(ctx context.Context, transactionToken string) (itsme.Result, error) {
	defer m.happens()
	return m.Upstream.Status(ctx, transactionToken)
}

// What comes of an answer of CM is written or not: the lease is kept in no case, be it
// that Redis takes nothing, or that somebody else has written meanwhile.
func TestNoLeaseOutlivesAnAnswerOfCM(t *testing.T) {
	for action, first := range map[string]func(*Server, *Browser) *Answer{
		"/itsme/retry":    cancelled,
		"/itsme/continue": func(_ *Server, b *Browser) *Answer { b.Header = http.Header{}; return b.Authorize(nil) },
		"return":          func(s *Server, b *Browser) *Answer { return b.Get(b.Begin(nil)) },
	} {
		for event, happens := range map[string]func(t *testing.T, s *Server, b *Browser, id string, page *Answer){
			"Redis takes nothing": func(t *testing.T, s *Server, _ *Browser, id string, _ *Answer) {
				t.Helper()
				jam(t, s, "login", id)
			},
			"the person leaves": func(t *testing.T, _ *Server, b *Browser, _ string, page *Answer) {
				t.Helper()
				if _, _, can := page.Form("/itsme/leave"); can {
					b.Submit(page, "/itsme/leave")
				}
			},
		} {
			t.Run(action+"/"+event, func(t *testing.T) {
				cm := &meanwhile{happens: func() {}}
				s := impatient(t, func(p *provider.Parts) { cm.Upstream, p.Upstream = p.Upstream, cm })
				b := s.Browser()
				page := first(s, b)
				id := idOf(t, s, page)
				s.Advance(2 * time.Second) // the pause of a waiting page
				cm.happens = sync.OnceFunc(func() { happens(t, s, b, id, page) })
				if action == "return" {
					s.Approve()
					b.Get(s.ReturnURL())
				} else {
					b.Submit(page, action)
				}
				if err := s.Provider.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				if keys := leasesIn(s); len(keys) > 0 {
					t.Errorf("the lease was kept: %q", keys)
				}
			})
		}
	}
}

// idOf is the id of the only login of a server: of its cookie, or of its return URL.
func idOf(t *testing.T, s *Server, page *Answer) string {
	t.Helper()
	if s.Sandbox.Starts() > 0 {
		return idIn(s.ReturnURL())
	}
	_, id := loginCookieOf(t, page)
	return id
}
