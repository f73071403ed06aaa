package app_test

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// watchdog is how long the supervisor waits for a sign of life.
const watchdog = time.Second

// told is what the supervisor of a bridge has heard.
type told struct {
	mu    sync.Mutex
	heard []string
}

func (h *told) tell(state string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, state)
}

// all is what was heard, less the signs of life that follow one another.
func (h *told) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Compact(slices.Clone(h.heard))
}

// signs is how many signs of life there were.
func (h *told) signs() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, state := range h.heard {
		if state == "WATCHDOG=1" {
			n++
		}
	}
	return n
}

// more waits for another sign of life.
func (h *told) more(t *testing.T) {
	t.Helper()
	for want, deadline := h.signs()+1, time.Now().Add(patience); h.signs() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there is no sign of life: %q", h.all())
		}
	}
}

// listener is one that can stop taking connections, as when the process has no file descriptor left.
type listener struct {
	net.Listener
	stuck sync.Mutex // held: it takes none
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	l.stuck.Lock()
	defer l.stuck.Unlock()
	return c, err
}

// The supervisor hears what waits, what serves, what reloads and what ends, in this order.
func TestTheSupervisorIsTold(t *testing.T) {
	t.Parallel() // it waits until the bridge tries again
	world := storagetest.New(t)
	b := prepareFor(t, watchdog, world, nil)
	world.Faults().Down()
	b.start()
	b.journal.await(t, "waiting for Redis")
	if err := b.Reload(); err != nil { // nothing is told of it: it would be ready then
		t.Fatal(err)
	}
	world.Faults().Up()
	b.ready()
	b.told.more(t)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	b.told.more(t)
	b.file.write("nonsense")
	if b.Reload() == nil {
		t.Fatal("nonsense was taken")
	}
	b.told.more(t)
	b.stop()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	heard := b.told.all()
	if !strings.HasPrefix(heard[0], "STATUS=waiting for Redis: ") || strings.Count(heard[0], "\n") > 0 {
		t.Errorf("first it hears %q", heard[0])
	}
	for len(heard) > 0 && strings.HasPrefix(heard[0], "STATUS=") {
		heard = heard[1:]
	}
	serving := "READY=1\nSTATUS=serving " + b.Issuer
	reloading := "RELOADING=1\nMONOTONIC_USEC=1\nSTATUS=reading the configuration again"
	want := []string{
		serving, "WATCHDOG=1", reloading, serving, "WATCHDOG=1",
		reloading, serving + "; the new configuration was refused, the old one stays: see the log", "WATCHDOG=1", "STOPPING=1\nSTATUS=draining",
	}
	// A sign of life may fall into a reload, or into the end.
	if got := withoutStraySigns(heard); !slices.Equal(got, want) {
		t.Errorf("it hears\n%q\nwant\n%q", got, want)
	}
}

// withoutStraySigns is what was heard, with one sign of life after each READY=1 and no other.
func withoutStraySigns(heard []string) (kept []string) {
	for i, state := range heard {
		if state == "WATCHDOG=1" && (i == 0 || !strings.HasPrefix(heard[i-1], "READY=1")) {
			continue
		}
		kept = append(kept, state)
	}
	return kept
}

func TestTheWatchdogIsFedOnlyWhileTheBridgeAnswers(t *testing.T) {
	folder := t.TempDir()
	putCertificate(t, folder, 1)
	for _, row := range []struct {
		name   string
		change func(string) string
	}{
		{"plain", nil},
		{"by TLS", secured(folder)},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := prepareFor(t, watchdog, storagetest.New(t), row.change)
			b.start()
			b.ready()
			b.told.more(t)
			lines := b.journal.String()
			b.told.more(t)
			if more := strings.TrimPrefix(b.journal.String(), lines); more != "" {
				t.Errorf("a sign of life stands in the log:\n%s", more)
			}

			b.public.stuck.Lock() // no connection is taken any more
			b.journal.await(t, "no sign of life for the watchdog")
			before := b.told.signs()
			time.Sleep(3 * watchdog) // longer than a supervisor waits
			if after := b.told.signs(); after > before {
				t.Errorf("%d signs of life of a bridge that answers nobody", after-before)
			}
			b.public.stuck.Unlock()
			b.told.more(t)
		})
	}
}

// It can tell people that Redis is away: nobody should kill it for that.
func TestTheWatchdogIsFedWhileRedisIsAway(t *testing.T) {
	world := storagetest.New(t)
	b := prepareFor(t, watchdog, world, nil)
	b.start()
	b.ready()
	world.Faults().Down()
	b.told.more(t)
	world.Faults().Up()
}
