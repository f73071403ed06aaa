package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// crowded is a server on which two logins may begin in ten seconds, which are over
// before a lease that was kept would be.
func crowded(t *testing.T) *Server {
	t.Helper()
	s := withoutRSA(t, Options{Config: func(c *provider.Config) { c.Limits.Window, c.Limits.PerAddress = 10*time.Second, 2 }})
	if s.Config.Limits.Window >= s.Config.Lease {
		t.Fatal("the lease does not outlive the window")
	}
	return s
}

// A person who is told that there are too many does the same again, and is told the
// same, and gets on as soon as there are fewer: nobody waits for the end of a lease.
func TestTooManyKeepsNobodyWaiting(t *testing.T) {
	for action, first := range map[string]func(*Server, *Browser) *Answer{
		"/itsme/retry": cancelled,
		"/itsme/continue": func(s *Server, b *Browser) *Answer {
			s.Browser().Begin(nil)
			b.Header = http.Header{}
			return b.Authorize(nil)
		},
	} {
		s := crowded(t)
		b := s.Browser()
		page := first(s, b)
		s.Browser().Begin(nil)
		told := b.Submit(page, action)
		for name, answer := range map[string]*Answer{
			"at first": told, "by the page that says so": b.Submit(told, action), "by the page before it": b.Submit(page, action),
		} {
			if answer.Status != http.StatusTooManyRequests || answer.Page() != "too_many" {
				t.Errorf("%s, %s: %d, page %q", action, name, answer.Status, answer.Page())
			}
		}
		s.Advance(s.Config.Limits.Window)
		if answer := b.Submit(page, action); !strings.HasPrefix(answer.Leads(), s.Sandbox.URL) || s.Sandbox.Starts() != 3 {
			t.Errorf("%s, when there are fewer: page %q, %d transactions", action, answer.Page(), s.Sandbox.Starts())
		}
	}
}

// exit is a way out of a request that took a login's lease.
type exit struct {
	name string
	page string
	take func(t *testing.T, s *Server, b *Browser) *Answer
}

// continueExits are those of the click on a Continue page that begins no login.
func continueExits() []exit {
	clickOn := func(b *Browser) *Answer {
		b.Header = http.Header{}
		return b.Authorize(nil)
	}
	return []exit{
		{"continue: there are too many", "too_many", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			s.Browser().Begin(nil)
			s.Browser().Begin(nil)
			return b.Submit(clickOn(b), "/itsme/continue")
		}},
		{"continue: what is in Redis cannot be read", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := clickOn(b)
			_, id := loginCookieOf(t, page)
			spoilTransaction(t, s, id)
			return b.Submit(page, "/itsme/continue")
		}},
		{"continue: an earlier click has begun the login", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := clickOn(b)
			b.Submit(page, "/itsme/continue")
			return b.Submit(page, "/itsme/continue")
		}},
		{"continue: the request_uri has been used", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			address := pushed(t, s, nil)
			b.Header = http.Header{}
			page := b.Get(address)
			usedUp(t, s, address)
			return b.Submit(page, "/itsme/continue")
		}},
	}
}

// retryExits are those of "try again" that begins no attempt.
func retryExits() []exit {
	return []exit{
		{"try again: there are too many", "too_many", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			s.Browser().Begin(nil)
			return b.Submit(page, "/itsme/retry")
		}},
		{"try again: what is in Redis cannot be read", "server_error", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			spoilTransaction(t, s, idIn(s.ReturnURL()))
			return b.Submit(page, "/itsme/retry")
		}},
		{"try again: nothing can be counted", "unavailable", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			spoilCounters(t, s)
			return b.Submit(page, "/itsme/retry")
		}},
		{"try again: the request_uri has been used", "cancelled", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			address := pushed(t, s, nil)
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
			b.Get(address)
			page := b.Get(s.ReturnURL())
			usedUp(t, s, address)
			s.Advance(s.Config.Limits.Window) // a third login
			return b.Submit(page, "/itsme/retry")
		}},
		{"try again: another tab has", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			b.Submit(page, "/itsme/retry")
			return b.Submit(page, "/itsme/retry")
		}},
		{"try again: the attempt is open", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			form := formIn(t, b.Get(b.Begin(nil)))
			s.Advance(time.Second)
			return b.Post("/itsme/retry", form)
		}},
		{"try again: the login is forgotten", "late", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			s.Advance(2 * time.Hour)
			return b.Submit(page, "/itsme/retry")
		}},
	}
}

// returnExits are those of a return about which CM is not asked.
func returnExits() []exit {
	return []exit{
		{"return: of an older attempt", "navigate", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			first := s.ReturnURL()
			b.Submit(page, "/itsme/retry")
			return b.Get(first)
		}},
		{"return: of an attempt that came to nothing", "cancelled", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			cancelled(s, b)
			return b.Get(s.ReturnURL())
		}},
		{"return: the login is over", "", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			back := b.Begin(nil)
			s.Approve()
			b.Get(back)
			return b.Get(back)
		}},
		{"return: the login is forgotten", "late", func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			back := b.Begin(nil)
			s.Advance(2 * time.Hour)
			return b.Get(back)
		}},
	}
}

// Whoever took a login's lease, and then has nothing to ask CM, gives it back at
// once: until then nobody could act on the login.
func TestEveryWayOutGivesTheLeaseBack(t *testing.T) {
	for _, row := range slices.Concat(continueExits(), retryExits(), returnExits(), exitsWhereRedisFails()) {
		t.Run(row.name, func(t *testing.T) {
			s := crowded(t)
			if answer := row.take(t, s, s.Browser()); answer.Page() != row.page {
				t.Errorf("%d, page %q, want %q", answer.Status, answer.Page(), row.page)
			}
			if err := s.Provider.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			if keys := leasesIn(s); len(keys) > 0 {
				t.Errorf("the lease was kept: %q", keys)
			}
		})
	}
}

// When nothing could be counted for a moment, the page's form works the moment after.
func TestTryAgainAfterACountThatFailed(t *testing.T) {
	s := withoutRSA(t, Options{})
	b := s.Browser()
	page := cancelled(s, b)
	mend := spoilCounters(t, s)
	failed := b.Submit(page, "/itsme/retry")
	mend()
	toItsme(t, s, b.Submit(failed, "/itsme/retry"))
	if n := s.Sandbox.Starts(); n != 2 {
		t.Errorf("%d transactions, want 2", n)
	}
}

// spoilTransaction puts something into Redis that no transaction opens from.
func spoilTransaction(t *testing.T, s *Server, id string) {
	t.Helper()
	if err := s.Redis().Set(t.Context(), "test:transaction:{"+id+"}", "\x01rubbish", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
}

// spoilCounters makes every count fail, until the function that it returns is called.
func spoilCounters(t *testing.T, s *Server) (mend func()) {
	t.Helper()
	put := func(value string) {
		for key := range s.Dump() {
			if strings.HasPrefix(key, "test:starts:") {
				if err := s.Redis().SetArgs(t.Context(), key, value, redis.SetArgs{KeepTTL: true}).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	put("no number")
	return func() { put("1") }
}

// usedUp ends a login of a pushed request in another browser.
func usedUp(t *testing.T, s *Server, address string) {
	t.Helper()
	b := s.Browser()
	toItsme(t, s, b.Get(address))
	s.Approve()
	if got := s.Response(b.Get(s.ReturnURL())); !got.Has("code") {
		t.Fatalf("%v", got)
	}
}

// A person who leaves while CM's answer is on its way has been answered long before it comes: it finds a login that is
// over, and gives the lease back all the same.
func TestALateAnswerGivesTheLeaseBack(t *testing.T) {
	s, line := onLine(t, Options{})
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	line.breaks("hangs")
	page := b.Get(back)
	if page.Page() != "waiting" || len(keysOf(s, "lease")) != 1 {
		t.Fatalf("page %q, leases %q", page.Page(), keysOf(s, "lease"))
	}
	if got := s.Response(b.Submit(page, "/itsme/leave")); got.Get("error") != "access_denied" {
		t.Fatalf("the client is told %v", got)
	}
	line.mend()
	waitFor(t, func() bool { return len(keysOf(s, "lease")) == 0 })
	if got := s.Response(b.Get(back)); got.Get("error") != "access_denied" {
		t.Errorf("the client is told %v then", got)
	}
}
