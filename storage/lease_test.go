package storage_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/storage"
)

// acquire tries to get a lease for 15 s.
func acquire(t *testing.T, s *storage.Store, l *storage.Lease) bool {
	t.Helper()
	if err := s.Do(soon(t), l.Acquire(15*time.Second)); err != nil {
		t.Error(err)
	}
	return l.Held()
}

func TestLease(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s, other := w.Store, w.Another(t)
			mine, theirs := s.NewLease("lease", "ID"), other.NewLease("lease", "ID")
			if mine.Held() {
				t.Error("a new lease is held")
			}
			if !acquire(t, s, mine) || acquire(t, other, theirs) {
				t.Errorf("mine %v, theirs %v", mine.Held(), theirs.Held())
			}
			if !acquire(t, s, s.NewLease("lease", "OTHER")) {
				t.Error("a lease on another id is refused")
			}
			w.Advance(15 * time.Second)
			if !acquire(t, other, theirs) {
				t.Error("the lease does not end")
			}
			if acquire(t, s, mine) {
				t.Error("the lease that ended is held again")
			}
		})
	}
}

// A lost reply does not make anybody lose to himself.
func TestLeaseWithLostReply(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			mine := w.Store.NewLease("lease", "ID")
			w.Faults().DropReply(1)
			if !acquire(t, w.Store, mine) {
				t.Error("not held after a lost reply")
			}
			if got := w.Commands(); !slices.Equal(got, []string{"eval", "eval"}) {
				t.Errorf("sent %q", got)
			}
		})
	}
}

// A look takes nothing, and tells whether somebody else has it.
func TestLook(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Store
			mine, theirs := s.NewLease("lease", "ID"), s.NewLease("lease", "ID")
			look := func(l *storage.Lease) (held, busy bool) {
				if err := s.Do(t.Context(), l.Look()); err != nil {
					t.Fatal(err)
				}
				return l.Held(), l.Busy()
			}
			if held, busy := look(mine); held || busy || len(w.Dump()) != 0 {
				t.Errorf("nobody has it: held %v, busy %v, %v", held, busy, w.Dump())
			}
			acquire(t, s, theirs)
			if held, busy := look(mine); held || !busy {
				t.Errorf("somebody has it: held %v, busy %v", held, busy)
			}
			if held, busy := look(theirs); !held || busy {
				t.Errorf("it is theirs: held %v, busy %v", held, busy)
			}
		})
	}
}

func TestLeaseOfMany(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			var held atomic.Int32
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if acquire(t, w.Store, w.Store.NewLease("lease", "ID")) {
						held.Add(1)
					}
				})
			}
			wg.Wait()
			if held.Load() != 1 {
				t.Errorf("%d hold it", held.Load())
			}
		})
	}
}

func TestRelease(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Store
			mine, theirs := s.NewLease("lease", "ID"), s.NewLease("lease", "ID")
			acquire(t, s, mine)
			committed(t, s, true, theirs.Release(0)) // not theirs: no effect, and no failure
			if acquire(t, s, theirs) {
				t.Error("somebody else released it")
			}
			committed(t, s, true, mine.Release(0))
			if !acquire(t, s, theirs) {
				t.Error("it is not released")
			}
			committed(t, s, true, theirs.Release(2*time.Second))
			w.Advance(time.Second)
			if acquire(t, s, mine) {
				t.Error("released too early")
			}
			w.Advance(time.Second)
			if !acquire(t, s, mine) {
				t.Error("not released after a while")
			}
		})
	}
}

// A release that is sent again does not release what somebody else holds by then.
func TestRepeatedRelease(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Store
			mine, theirs := s.NewLease("lease", "ID"), s.NewLease("lease", "ID")
			acquire(t, s, mine)
			ok, err := between(t, w, func() (bool, error) { return s.Commit(soon(t), mine.Release(0)) }, func() {
				if !acquire(t, w.Another(t), theirs) {
					t.Error("not released")
				}
			})
			if !ok || err != nil {
				t.Errorf("Commit = %v, %v", ok, err)
			}
			if acquire(t, s, mine) {
				t.Error("their lease was released")
			}
		})
	}
}
