package storagetest_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

type world struct {
	name  string
	start func(testing.TB) *storagetest.World
}

func worlds() []world {
	return []world{{"miniredis", storagetest.New}, {"redis", storagetest.Real}}
}

func TestClock(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			began := w.Now()
			w.Redis().Set(t.Context(), "short", "1", time.Minute)
			w.Redis().Set(t.Context(), "long", "1", time.Hour)
			w.Advance(time.Minute)
			if got := w.Now().Sub(began); got != time.Minute {
				t.Errorf("the clock moved by %v", got)
			}
			if dump := w.Dump(); len(dump) != 1 || string(dump["long"]) != "1" {
				t.Errorf("left: %q", dump)
			}
			if left := w.Redis().PTTL(t.Context(), "long").Val(); left <= 58*time.Minute || left > 59*time.Minute {
				t.Errorf("%v left", left)
			}
		})
	}
}

// As much time passes for whoever asks Redis next as has really passed.
func TestPass(t *testing.T) {
	w := storagetest.New(t)
	w.Pass()
	real := time.Now()
	began := w.Now()
	first := w.Store.NewLease("lease", "login")
	if err := w.Store.Do(t.Context(), first.Acquire(20*time.Millisecond)); err != nil || !first.Held() {
		t.Fatalf("held %t, %v", first.Held(), err)
	}
	time.Sleep(20 * time.Millisecond)
	second := w.Store.NewLease("lease", "login")
	if err := w.Store.Do(t.Context(), second.Acquire(time.Hour)); err != nil || !second.Held() {
		t.Errorf("held %t, %v: the first one has ended", second.Held(), err)
	}
	if here, there := w.Now().Sub(began), time.Since(real); here < 20*time.Millisecond || here > there {
		t.Errorf("%v passed here, %v there", here, there)
	}
}

func TestCountsAndFaults(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Another(t)
			if w.Roundtrips() != 0 {
				t.Errorf("%q before anything was sent", w.Commands())
			}
			for range 2 {
				if err := s.Ping(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.Commands(); !slices.Equal(got, []string{"ping", "ping"}) {
				t.Errorf("sent %q", got)
			}
			w.Faults().DropReply(2)
			for i, fails := range []bool{false, true, false} {
				if err := s.Ping(t.Context()); (err != nil) != fails {
					t.Errorf("%d: %v", i, err)
				}
			}
			w.Faults().Down()
			if err := w.Store.Ping(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Ping while Redis is away: %v", err)
			}
			w.ResetRoundtrips()
			w.Faults().Up()
			if err := w.Store.Ping(t.Context()); err != nil || w.Roundtrips() != 1 {
				t.Errorf("Ping = %v, %d round trips", err, w.Roundtrips())
			}
		})
	}
}

// A lost reply is one to a command that was carried out, all of a pipeline too.
func TestDropReplyIsCarriedOut(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			c := clientOf(t, w.Address())
			for i := range 20 {
				w.Faults().DropReply(1)
				pipe := c.Pipeline()
				for n := range 50 {
					pipe.Set(t.Context(), fmt.Sprintf("%d-%d", i, n), strings.Repeat("x", 100), time.Minute)
				}
				if _, err := pipe.Exec(t.Context()); err == nil {
					t.Fatal("the reply arrives")
				}
			}
			if got := len(w.Dump()); got != 1000 {
				t.Errorf("%d keys, want 1000", got)
			}
		})
	}
}

// clientOf knows only an address, like another process.
func clientOf(t *testing.T, address string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1, DialerRetries: 1, Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestAddress(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			c := clientOf(t, w.Address())
			if err := c.Set(t.Context(), "key", "value", time.Minute).Err(); err != nil {
				t.Fatal(err)
			}
			if got := w.Commands(); !slices.Equal(got, []string{"set"}) || string(w.Dump()["key"]) != "value" {
				t.Errorf("sent %q, holds %q", got, w.Dump())
			}
			w.Faults().Down()
			if err := c.Ping(t.Context()).Err(); err == nil {
				t.Error("Redis answers while it is away")
			}
			w.Faults().Up()
			if err := c.Ping(t.Context()).Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	cleanups []func()
	failures []string
	skipped  string
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(text string, a ...any) {
	r.failures = append(r.failures, fmt.Sprintf(text, a...))
}

func (r *recorder) Fatal(a ...any) { r.failures = append(r.failures, fmt.Sprint(a...)); panic(r) }
func (r *recorder) Skip(a ...any)  { r.skipped = fmt.Sprint(a...); panic(r) }

func (r *recorder) end() {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
}

// What must hold of everything in Redis is checked when a world ends.
func TestWorldChecksItself(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(c *redis.Client)
		want string
	}{
		{"in order", func(c *redis.Client) {
			c.Eval(t.Context(), "redis.call('SET', KEYS[1], 1, 'PX', 60000)", []string{"a:{1}", "b:{1}"})
		}, ""},
		{"no lifetime", func(c *redis.Client) { c.Set(t.Context(), "eternal", "1", 0) }, "eternal"},
		{"two slots", func(c *redis.Client) { c.Eval(t.Context(), "return 1", []string{"a:{1}", "a:{2}"}) }, "a:{2}"},
		{"no hash tag", func(c *redis.Client) { c.Eval(t.Context(), "return 1", []string{"a{}1", "a{}2"}) }, "a{}2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &recorder{TB: t}
			row.do(clientOf(t, storagetest.New(r).Address()))
			r.end()
			if row.want == "" && len(r.failures) > 0 {
				t.Errorf("failed: %q", r.failures)
			}
			if row.want != "" && (len(r.failures) != 1 || !strings.Contains(r.failures[0], row.want)) {
				t.Errorf("failures: %q, want one of %s", r.failures, row.want)
			}
		})
	}
}

// Without redis-server a test is skipped with a loud word, and fails where CI=true.
func TestMissingRedis(t *testing.T) {
	for _, ci := range []string{"", "true"} {
		t.Setenv("CI", ci)
		t.Setenv("PATH", t.TempDir())
		r := &recorder{TB: t}
		func() {
			defer func() { _ = recover() }()
			storagetest.Real(r)
		}()
		r.end()
		if failed := len(r.failures) > 0; failed != (ci == "true") || failed == (r.skipped != "") {
			t.Errorf("CI=%q: failures %q, skipped %q", ci, r.failures, r.skipped)
		}
	}
}

// A redis-server ends with its test.
func TestRealEnds(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("redis-server is not installed: this test DID NOT RUN")
	}
	r := &recorder{TB: t}
	w := storagetest.Real(r)
	address := w.Address()
	if err := w.Store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.end()
	if err := clientOf(t, address).Ping(t.Context()).Err(); err == nil {
		t.Error("it still answers")
	}
	if err := w.Redis().Ping(t.Context()).Err(); err == nil {
		t.Error("it still answers on its socket")
	}
}
