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
	"itsme-bridge/provider/login"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// damage makes every login that Redis holds unreadable.
func damage(t *testing.T, s *Server) {
	t.Helper()
	for _, key := range keysOf(s, "login") {
		value := s.Dump()[key]
		value[len(value)-1] ^= 1
		if err := s.Redis().SetArgs(t.Context(), key, value, redis.SetArgs{KeepTTL: true}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// strangerTo is a browser with a cookie of its own making for the login that a
// Set-Cookie header began: the right name, and a secret that opens nothing.
func strangerTo(t *testing.T, s *Server, began *Answer) *Browser {
	t.Helper()
	name, _ := loginCookieOf(t, began)
	b := s.Browser()
	b.Header.Set("Cookie", name+"="+strings.Repeat("A", 26))
	return b
}

func fixed(c *provider.Config) { c.ReturnShape = login.ReturnFixed }

// step is one request about a login, after which nobody is at it.
type step struct {
	name   string
	config func(*provider.Config)
	take   func(t *testing.T, s *Server, b *Browser) *Answer
	page   string // that it gets; "": a redirect
}

// returnSteps are those of a browser that comes back from itsme, or seems to.
func returnSteps() []step {
	return []step{
		{name: "CM says yes", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success})
			return b.Get(b.Begin(nil))
		}},
		{name: "CM says no", page: "cancelled", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			return cancelled(s, b)
		}},
		{name: "the record cannot be opened at the return", page: "server_error", take: func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			back := b.Begin(nil)
			damage(t, s)
			return b.Get(back)
		}},
		{name: "likewise at a fixed return address", config: fixed, page: "server_error", take: func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			back := b.Begin(nil)
			damage(t, s)
			return b.Get(back)
		}},
		{name: "the login is another's", config: fixed, page: "late", take: func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			return strangerTo(t, s, b.Authorize(nil)).Get(s.ReturnURL())
		}},
		{name: "the transaction is forgotten", page: "expired", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			back := b.Begin(nil)
			s.Advance(30 * time.Minute)
			return b.Get(back)
		}},
	}
}

// formSteps are those of our forms.
func formSteps() []step {
	return []step{
		{name: "Try again begins an attempt", page: "navigate", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			return b.Submit(cancelled(s, b), "/itsme/retry")
		}},
		{name: "Try again gets no transaction", page: "unavailable", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			page := cancelled(s, b)
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			return b.Submit(page, "/itsme/retry")
		}},
		{name: "Try again where no attempt is left", config: func(c *provider.Config) { c.MaxAttempts = 1 }, page: "cancelled", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			to, fields, _ := cancelled(s, b).Form("/itsme/leave")
			return b.Post(strings.Replace(to, "leave", "retry", 1), fields)
		}},
		{name: "the record cannot be opened at Try again", page: "server_error", take: func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			page := cancelled(s, b)
			damage(t, s)
			return b.Submit(page, "/itsme/retry")
		}},
		{name: "likewise at Continue, and the client is told", page: "navigate", take: func(t *testing.T, s *Server, b *Browser) *Answer {
			t.Helper()
			b.Header = http.Header{}
			page := b.Authorize(nil)
			b.Submit(page, "/itsme/continue")
			damage(t, s)
			answer := b.Submit(page, "/itsme/continue")
			if got := s.Response(answer).Get("error"); got != "server_error" {
				t.Errorf("the client is told %q", got)
			}
			return answer
		}},
		{name: "Continue begins a login", page: "navigate", take: func(_ *testing.T, _ *Server, b *Browser) *Answer {
			b.Header = http.Header{}
			return b.Submit(b.Authorize(nil), "/itsme/continue")
		}},
		{name: "Continue gets no transaction", page: "unavailable", take: func(_ *testing.T, s *Server, b *Browser) *Answer {
			b.Header = http.Header{}
			s.Sandbox.Next(sandbox.Script{StartFault: sandbox.HTML500})
			return b.Submit(b.Authorize(nil), "/itsme/continue")
		}},
	}
}

// Whoever took the lease of a login that is not over gives it back with the
// answer, so that the next one need not wait for its end.
func TestTheLeaseIsGivenBack(t *testing.T) {
	for _, row := range slices.Concat(returnSteps(), formSteps()) {
		t.Run(row.name, func(t *testing.T) {
			s := light(t, Options{Config: row.config})
			answer := row.take(t, s, s.Browser())
			if answer.Page() != row.page {
				t.Fatalf("%d, page %q, want %q\n%s", answer.Status, answer.Page(), row.page, answer.Body)
			}
			if kept := keysOf(s, "lease"); len(kept) != 0 {
				t.Errorf("%q is kept", kept)
			}
		})
	}
}

// While the server key is changed, a replica may meet a login that it cannot open
// yet. That stands in the way of none that can.
func TestAReplicaWithoutTheNewServerKey(t *testing.T) {
	before, after := storage.NewKey(), storage.NewKey()
	world := storagetest.New(t)
	world.Store = world.With(t, storage.NewKeyring(before))
	var store *storage.Store // of the second replica
	s := light(t, Options{World: world, Parts: func(p *provider.Parts) {
		if store != nil {
			p.Store = store
		}
	}})
	store = world.With(t, storage.NewKeyring(after, before))
	second := s.Replica()

	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1})
	b := s.Browser()
	back := b.Begin(nil)
	there := strings.Replace(back, s.Issuer, second.URL, 1)
	if answer := b.Get(there); answer.Page() != "waiting" {
		t.Fatalf("the replica with both keys: %d, page %q", answer.Status, answer.Page())
	}
	s.Advance(time.Second)
	if answer := b.Get(back); answer.Page() != "server_error" || !leadsOn(answer) {
		t.Errorf("the replica without the new key: %d, page %q", answer.Status, answer.Page())
	}
	if answer := b.Get(there); s.Response(answer).Get("code") == "" {
		t.Errorf("right after that, the replica with both keys: %d, page %q", answer.Status, answer.Page())
	}
}
