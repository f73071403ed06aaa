package app_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/keys"
	"itsme-bridge/storage/storagetest"
)

// switchboard is a listener without a network, so that a bridge in a bubble waits for nobody outside.
type switchboard struct {
	calls  chan net.Conn
	closed chan struct{}
	close  func()
}

func newSwitchboard() *switchboard {
	s := &switchboard{calls: make(chan net.Conn), closed: make(chan struct{})}
	s.close = sync.OnceFunc(func() { close(s.closed) })
	return s
}

func (s *switchboard) Accept() (net.Conn, error) {
	select {
	case connection := <-s.calls:
		return connection, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *switchboard) Close() error   { s.close(); return nil }
func (s *switchboard) Addr() net.Addr { return new(net.TCPAddr) }

func (s *switchboard) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	s.calls <- theirs
	return ours, nil
}

// longRun is a bridge in a bubble, where hours pass in no time. Redis is outside.
type longRun struct {
	now     func() time.Time
	journal *journal
	public  *switchboard
}

// run lets a bridge serve in a bubble, in which it is now in the world at first.
func run(t *testing.T, world *storagetest.World, settings *config.Config, do func(*testing.T, *longRun)) {
	t.Helper()
	settings.Operations.Listen = ""
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := &longRun{journal: newJournal(), public: newSwitchboard()}
		r.now = func() time.Time { return world.Now().Add(time.Since(began)) }
		a, err := app.New(t.Context(), settings, app.Options{
			Log: slog.New(slog.NewJSONHandler(r.journal, nil)), Now: r.now, Listener: r.public,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		defer func() { // whatever becomes of the test: nobody may be left in a bubble
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		select {
		case <-a.Ready():
			do(t, r)
		case err := <-ended:
			ended <- err
			t.Errorf("it does not serve\n%s", r.journal)
		}
	})
}

// pass lets time pass, until everybody has done what was due.
func (r *longRun) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// says is how often the log has a line with this message.
func (r *longRun) says(message string) int {
	return strings.Count(r.journal.String(), `"msg":"`+message+`"`)
}

// spoil replaces what Redis holds under a key by something that nobody can read. Mend puts it back.
func spoil(t *testing.T, world *storagetest.World, key string) (mend func()) {
	t.Helper()
	key = "itsme-bridge:" + key
	sealed, ok := world.Dump()[key]
	if !ok {
		t.Fatalf("Redis does not hold %s", key)
	}
	set := func(value []byte) {
		if err := world.Redis().Set(t.Context(), key, value, 24*time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
	}
	set([]byte("rubbish"))
	return func() { set(sealed) }
}

// configured is the configuration of a bridge on a world.
func configured(t *testing.T, world *storagetest.World, change func(string) string) *config.Config {
	t.Helper()
	settings, err := prepare(t, world, change).parse()
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// A replica that runs joins again every hour, also after it once could not. So a
// master key that nobody accepts any more is forgotten, and cannot become current.
func TestAReplicaJoinsAgain(t *testing.T) {
	for _, row := range []struct {
		name  string
		fails bool // the first time
		after time.Duration
	}{
		{"after an hour", false, time.Hour},
		{"an hour after it could not", true, 2 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			world := storagetest.New(t)
			accepting := prepare(t, world, withKeys(configtest.MasterKey, secondKey))
			accepting.start()
			accepting.ready().stop()
			if err := accepting.end(); err != nil {
				t.Fatal(err)
			}
			world.Advance(7*24*time.Hour - 30*time.Minute) // in half an hour, nobody has accepted the second key for a week
			second := configured(t, world, withKeys(secondKey, configtest.MasterKey))
			run(t, world, configured(t, world, nil), func(t *testing.T, r *longRun) {
				t.Helper()
				mend := func() {}
				if row.fails {
					mend = spoil(t, world, "cell:{deployment}")
				}
				r.pass(row.after - time.Second)
				mend()
				if seen := app.Inspect(t.Context(), second, r.now); seen != (app.Inspection{}) {
					t.Errorf("it joined too early: %+v", seen)
				}
				r.pass(2 * time.Second)
				if seen := app.Inspect(t.Context(), second, r.now); seen.Refused == nil || !strings.HasPrefix(seen.Refused.Error(), "master_key.current: ") {
					t.Errorf("the second key is still accepted: %+v", seen)
				}
				if n := r.says("the deployment could not be joined again"); n > 0 != row.fails {
					t.Errorf("%d lines say that it failed", n)
				}
			})
		})
	}
}

// published are the keys that a bridge serves.
func (r *longRun) published(t *testing.T) int {
	t.Helper()
	transport := &http.Transport{DialContext: r.public.dial, DisableKeepAlives: true}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://bridge/keys", http.NoBody)
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	document := new(strings.Builder)
	if err := answer.Write(document); err != nil {
		t.Fatal(err)
	}
	return strings.Count(document.String(), `"kid"`)
}

// A key that somebody else has made is published within seconds, every time, also
// after the keys could once not be read.
func TestKeysAreLookedForAgain(t *testing.T) {
	world := storagetest.New(t)
	settings := configured(t, world, nil)
	run(t, world, settings, func(t *testing.T, r *longRun) {
		t.Helper()
		r.pass(time.Second)
		before := r.published(t)
		operator, err := app.OpenSigningKeys(t.Context(), settings, r.now)
		if err != nil {
			t.Fatal(err)
		}
		defer operator.Close()
		for i, algorithm := range []keys.Algorithm{keys.ES256, keys.EdDSA} {
			if err := operator.Rotate(t.Context(), algorithm); err != nil {
				t.Fatal(err)
			}
			if n := r.published(t); n != before+i {
				t.Errorf("%d keys are published at once", n-before)
			}
			if i > 0 {
				mend := spoil(t, world, "cell:{keys}")
				r.pass(config.RefreshKeysEvery)
				mend()
			}
			r.pass(config.RefreshKeysEvery)
			if n := r.published(t); n != before+i+1 {
				t.Errorf("%d keys are published after 5 s, want %d", n-before, i+1)
			}
		}
		if n := r.says("the signing keys could not be refreshed"); n != 1 {
			t.Errorf("%d lines say that it failed", n)
		}
	})
}

// What was revoked is looked for every few seconds: where Redis forgets it, it gets it
// back each time, also after it could once not be read.
func TestRevocationsAreLookedForAgain(t *testing.T) {
	world := storagetest.New(t)
	settings := configured(t, world, nil)
	run(t, world, settings, func(t *testing.T, r *longRun) {
		t.Helper()
		if _, err := app.RevokeLogins(t.Context(), settings, "app", r.now); err != nil {
			t.Fatal(err)
		}
		const key = "itsme-bridge:cell:{not-before}"
		r.pass(app.NotBeforeEvery)
		for i := range 3 {
			if i == 1 {
				mend := spoil(t, world, "cell:{not-before}")
				r.pass(2 * app.NotBeforeEvery)
				mend()
			}
			world.Redis().Del(t.Context(), key)
			r.pass(app.NotBeforeEvery)
			if _, ok := world.Dump()[key]; !ok {
				t.Errorf("the %dth time: Redis does not get it back", i+1)
			}
		}
		if n := r.says("nobody knows which logins were revoked since"); n != 1 {
			t.Errorf("%d lines say that it failed", n)
		}
	})
}

// A client that could not be told of a logout is told again, by another replica too,
// without a logout that wakes anybody.
func TestLogoutsAreToldAgain(t *testing.T) {
	world := storagetest.New(t)
	sessions := func(c *config.Config) {
		c.Provider.Session.TTL = time.Hour
		c.Clients[0].BackChannelLogoutURI = "http://127.0.0.1:1/logout" // nobody is there
	}
	b := prepare(t, world, nil, sessions)
	b.start()
	b.ready()
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	hint, _ := b.Exchange(b.Response(browser.Get(back)).Get("code"), nil).JSON()["id_token"].(string)
	browser.Get("/logout?" + url.Values{"id_token_hint": {hint}}.Encode())
	b.journal.await(t, "logout notice")
	b.stop()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}

	settings := configured(t, world, nil)
	sessions(settings)
	run(t, world, settings, func(t *testing.T, r *longRun) {
		t.Helper()
		for i, pause := range []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute} {
			if n := r.says("logout notice"); n != i {
				t.Errorf("told %d times too early", n-i)
			}
			r.pass(pause + 4*time.Second)
			if n := r.says("logout notice"); n != i+1 {
				t.Errorf("after %s: told %d times, want %d\n%s", pause, n, i+1, r.journal)
			}
		}
	})
}
