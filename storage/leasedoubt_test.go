package storage_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Whoever does not hold a lease that it asked for meets somebody who does, also where
// that one's lease ends at any moment between two commands.
func TestALeaseIsHeldOrBusy(t *testing.T) {
	g := storagetest.StartGuarded(t, "single", storagetest.Guard{}, storagetest.Guard{})
	s := open(t, g, "single", storage.Options{})
	acquire(t, s, s.NewLease("lease", "ID"))
	var first atomic.Pointer[server.Peer]
	g.Redis.Server().SetPreHook(func(c *server.Peer, _ string, _ ...string) bool {
		if !first.CompareAndSwap(nil, c) && first.Load() == c { // not what a script calls
			g.Redis.FlushAll() // theirs ends behind the first command
		}
		return false
	})
	mine := s.NewLease("lease", "ID")
	if err := s.Do(soon(t), mine.Acquire(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if mine.Held() || !mine.Busy() {
		t.Errorf("held %v, busy %v", mine.Held(), mine.Busy())
	}
}

// What was ours is renewed, and not lost to ourselves.
func TestALeaseIsRenewed(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			mine := w.Store.NewLease("lease", "ID")
			acquire(t, w.Store, mine)
			w.Advance(10 * time.Second)
			if !acquire(t, w.Store, mine) {
				t.Error("it is lost to ourselves")
			}
			w.Advance(10 * time.Second)
			if acquire(t, w.Another(t), w.Store.NewLease("lease", "ID")) {
				t.Error("it is not renewed")
			}
		})
	}
}

// Where all of a pipeline failed, the lease may have been taken: then it is doubtful,
// and a release frees it. Where it was not taken, it is not.
func TestALeaseInDoubt(t *testing.T) {
	for _, row := range []struct {
		name           string
		fail           func(*testing.T, *storagetest.World)
		held, doubtful bool
	}{
		{"both replies are lost", func(_ *testing.T, w *storagetest.World) {
			w.Faults().DropReply(1)
			w.Faults().DropReply(2)
		}, false, true},
		{"nobody is there", func(_ *testing.T, w *storagetest.World) { w.Faults().Down() }, false, false},
		{"another command fails", func(t *testing.T, w *storagetest.World) {
			t.Helper()
			for key := range w.Dump() {
				if strings.Contains(key, "starts:") {
					w.Redis().Set(t.Context(), key, "no number", time.Minute)
				}
			}
		}, true, false},
	} {
		for _, world := range worlds() {
			t.Run(row.name+"/"+world.name, func(t *testing.T) {
				w := world.start(t)
				s, n := w.Store, int64(0)
				count := s.Count("starts", "all", time.Hour, w.Now(), &n)
				if err := s.Do(soon(t), count); err != nil {
					t.Fatal(err)
				}
				mine := s.NewLease("lease", "ID")
				row.fail(t, w)
				if err := s.Do(soon(t), mine.Acquire(time.Minute), count); err == nil {
					t.Fatal("it does not fail")
				}
				if mine.Held() != row.held || mine.Doubtful() != row.doubtful {
					t.Errorf("held %v, doubtful %v; want %v, %v", mine.Held(), mine.Doubtful(), row.held, row.doubtful)
				}
				w.Faults().Up()
				if mine.Held() || mine.Doubtful() {
					committed(t, s, true, mine.Release(0))
				}
				if !acquire(t, s, s.NewLease("lease", "ID")) {
					t.Error("the lease is kept")
				}
			})
		}
	}
}

// What was ours stays in doubt where a look fails.
func TestALookThatFails(t *testing.T) {
	w := storagetest.New(t)
	mine := w.Store.NewLease("lease", "ID")
	acquire(t, w.Store, mine)
	w.Faults().Down()
	if err := w.Store.Do(soon(t), mine.Look()); err == nil || !mine.Doubtful() {
		t.Errorf("%v, doubtful %v", err, mine.Doubtful())
	}
	w.Faults().Up()
	if err := w.Store.Do(soon(t), mine.Look()); err != nil || !mine.Held() || mine.Doubtful() {
		t.Errorf("%v, held %v, doubtful %v", err, mine.Held(), mine.Doubtful())
	}
}
