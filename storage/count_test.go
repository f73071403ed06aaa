package storage_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func count(t *testing.T, w *storagetest.World, s *storage.Store, name, subject string) int64 {
	t.Helper()
	n := int64(-1)
	if err := s.Do(t.Context(), s.Count(name, subject, time.Minute, w.Now(), &n)); err != nil {
		t.Error(err)
	}
	return n
}

func TestCount(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			other := w.Another(t)
			for i, row := range []struct {
				store         *storage.Store
				name, subject string
				after         time.Duration
				want          int64
			}{
				{w.Store, "address", "192.0.2.1", 0, 1},
				{w.Store, "address", "192.0.2.1", 0, 2},
				{other, "address", "192.0.2.1", 0, 3},
				{w.Store, "address", "192.0.2.2", 0, 1},
				{w.Store, "client", "192.0.2.1", 0, 1},
				{w.Store, "address", "192.0.2.1", 59 * time.Second, 4},
				{w.Store, "address", "192.0.2.1", time.Second, 1},
			} {
				w.Advance(row.after)
				if got := count(t, w, row.store, row.name, row.subject); got != row.want {
					t.Errorf("%d: %d, want %d", i, got, row.want)
				}
			}
			for key := range w.Dump() {
				if strings.Contains(key, "192") {
					t.Errorf("the key %s names its subject", key)
				}
			}
			w.Advance(2 * time.Minute)
			if dump := w.Dump(); len(dump) != 0 {
				t.Errorf("left: %v", dump)
			}
		})
	}
}

// Where every answer is lost, a count counts twice, as Do says: in a Cluster, too, where
// go-redis sends other commands again by itself.
func TestACountWhoseAnswersAreLost(t *testing.T) {
	for _, world := range []world{{"one", storagetest.Real}, {"cluster", storagetest.Cluster}, {"sentinel", storagetest.Sentinel}} {
		t.Run(world.name, func(t *testing.T) {
			w, n := world.start(t), int64(0)
			count(t, w, w.Store, "address", "192.0.2.2") // so that the connection is there
			for trip := range 20 {
				w.Faults().DropReply(trip + 1)
			}
			if err := w.Store.Do(t.Context(), w.Store.Count("address", "192.0.2.1", time.Minute, w.Now(), &n)); err == nil {
				t.Errorf("it is counted: %d", n)
			}
			w.Faults().Forget()
			if got := count(t, w, w.Store, "address", "192.0.2.1"); got != 3 {
				t.Errorf("it was counted %d times, want 2", got-1)
			}
		})
	}
}

// What was counted can be taken back, within its window and not below nothing.
func TestUncount(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Store
			back := func() {
				if err := s.Do(t.Context(), s.Uncount("address", "192.0.2.1", time.Minute, w.Now())); err != nil {
					t.Fatal(err)
				}
			}
			back()
			if len(w.Dump()) != 0 {
				t.Errorf("a counter without a lifetime: %v", w.Dump())
			}
			count(t, w, s, "address", "192.0.2.1")
			count(t, w, s, "address", "192.0.2.1")
			back()
			if n := count(t, w, s, "address", "192.0.2.1"); n != 2 {
				t.Errorf("%d, want 2", n)
			}
			for range 4 {
				back()
			}
			if n := count(t, w, s, "address", "192.0.2.1"); n != 1 {
				t.Errorf("%d, want 1: it went below nothing", n)
			}
		})
	}
}

// A window begins at a multiple of its length, not with the first who is counted, and
// knows its subjects by other names than the one before.
func TestWindows(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			w.Advance(45 * time.Second)
			for i, want := range []int64{1, 1, 2} { // at :45, 1:00, 1:15
				if got := count(t, w, w.Store, "address", "192.0.2.1"); got != want {
					t.Errorf("%d: %d, want %d", i, got, want)
				}
				w.Advance(15 * time.Second)
			}
		})
	}
}

func TestCountOfMany(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() { count(t, w, w.Store, "starts", "all") })
			}
			wg.Wait()
			if got := count(t, w, w.Store, "starts", "all"); got != 21 {
				t.Errorf("%d, want 21", got)
			}
		})
	}
}
