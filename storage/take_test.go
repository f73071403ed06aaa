package storage_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
)

func TestTake(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			got, taken, err := b.Take(t.Context(), h, time.Hour)
			if got.Name != "Lucas" || taken != storage.Won || err != nil {
				t.Fatalf("Take = %v, %v, %v", got, taken, err)
			}
			holds(t, b, h, "")
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Spent {
				t.Errorf("state = %v, want Spent", got)
			}
			w.Advance(50 * time.Minute)
			if got, taken, err := b.Take(t.Context(), h, time.Hour); got.Name != "" || taken != storage.Replay || err != nil {
				t.Fatalf("second Take = %v, %v, %v", got, taken, err)
			}
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Replayed {
				t.Errorf("state = %v, want Replayed", got)
			}
			w.Advance(10 * time.Minute) // the marker's time counts from the first Take
			if _, taken, err := b.Take(t.Context(), h, time.Hour); taken != storage.Missing || err != nil {
				t.Fatalf("late Take = %v, %v", taken, err)
			}
		})
	}
}

// Of ten callers exactly one has won, all others are replays, and what was to be
// killed is gone, whichever came first.
func TestTakeOnce(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			h := put(t, w)
			sessions := storage.NewBucket[person](w.Store, "sessions")
			session := storage.NewSecret(h.ID())
			if err := sessions.Put(t.Context(), session, person{Name: "Lucas"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			stores := []*storage.Store{w.Store, w.Another(t)}
			results := make(chan storage.Taken, 10)
			var wg sync.WaitGroup
			for i := range cap(results) {
				wg.Go(func() {
					got, taken, err := people(stores[i%2]).Take(t.Context(), h, time.Minute, sessions)
					if err != nil || (got.Name == "Lucas") != (taken == storage.Won) {
						t.Errorf("Take = %v, %v, %v", got, taken, err)
					}
					results <- taken
				})
			}
			wg.Wait()
			close(results)
			count := map[storage.Taken]int{}
			for r := range results {
				count[r]++
			}
			if count[storage.Won] != 1 || count[storage.Replay] != 9 {
				t.Errorf("won %d, replays %d, missing %d", count[storage.Won], count[storage.Replay], count[storage.Missing])
			}
			holds(t, sessions, session, "")
			committed(t, w.Store, false,
				sessions.Set(session, person{Name: "Lucas"}, time.Minute), people(w.Store).UnlessReplayed(h.ID()))
			holds(t, sessions, session, "")
		})
	}
}

func TestTakeWithAnotherSecretChangesNothing(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			sessions := storage.NewBucket[person](w.Store, "sessions")
			if err := sessions.Put(t.Context(), h, person{Name: "Lucas"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			wrong := func() {
				t.Helper()
				before := w.Dump()
				for _, guess := range []storage.Handle{storage.NewSecret(h.ID()), storage.HandleOf(h.ID(), "")} {
					if _, taken, err := b.Take(t.Context(), guess, time.Minute, sessions); taken != storage.Missing || err != nil {
						t.Errorf("Take = %v, %v, want Missing", taken, err)
					}
				}
				for key, value := range w.Dump() {
					if !slices.Equal(before[key], value) {
						t.Errorf("%s has changed", key)
					}
				}
				holds(t, sessions, h, "Lucas")
			}
			wrong() // while it is there
			if _, taken, err := b.Take(t.Context(), h, time.Minute); taken != storage.Won || err != nil {
				t.Fatalf("Take = %v, %v", taken, err)
			}
			wrong() // and while the marker is
		})
	}
}

// A Take whose outcome is unknown is an error, and is never sent again.
func TestTakeIsNeverSentAgain(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			w.ResetRoundtrips()
			w.Faults().DropReply(1)
			got, taken, err := b.Take(t.Context(), h, time.Minute)
			if !errors.Is(err, storage.ErrUnavailable) || taken != storage.Missing || got.Name != "" {
				t.Errorf("Take = %v, %v, %v", got, taken, err)
			}
			if got := w.Commands(); !slices.Equal(got, []string{"eval"}) {
				t.Errorf("sent %q, want one eval", got)
			}
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Spent {
				t.Errorf("state = %v, want Spent: the command was carried out", got)
			}
		})
	}
}

func TestTakeUnderAnAcceptedKey(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			old, current := storage.NewKey(), storage.NewKey()
			h := storage.NewHandle()
			if err := people(w.With(t, storage.NewKeyring(old))).Put(t.Context(), h, person{Name: "Lucas"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			b := people(w.With(t, storage.NewKeyring(current, old)))
			if got, taken, err := b.Take(t.Context(), h, time.Minute); got.Name != "Lucas" || taken != storage.Won || err != nil {
				t.Errorf("Take = %v, %v, %v", got, taken, err)
			}
			if _, taken, err := b.Take(t.Context(), h, time.Minute); taken != storage.Replay || err != nil {
				t.Errorf("second Take = %v, %v", taken, err)
			}
			late := people(w.With(t, storage.NewKeyring(current)))
			if _, taken, err := late.Take(t.Context(), h, time.Minute); taken != storage.Missing || !errors.Is(err, storage.ErrUnknownKey) {
				t.Errorf("Take without the key = %v, %v", taken, err)
			}
		})
	}
}

func TestTakeOfGarbage(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			key := "test:people:{" + h.ID() + "}"
			sealed := w.Dump()[key]
			sealed[len(sealed)-1] ^= 1
			w.Redis().Set(t.Context(), key, sealed, time.Minute)
			if _, taken, err := b.Take(t.Context(), h, time.Minute); taken != storage.Missing || !errors.Is(err, storage.ErrDamaged) {
				t.Errorf("damaged: Take = %v, %v", taken, err)
			}
			w.Redis().Set(t.Context(), key, "garbage", time.Minute)
			if _, taken, err := b.Take(t.Context(), h, time.Minute); taken != storage.Missing || !errors.Is(err, storage.ErrDamaged) {
				t.Errorf("garbage: Take = %v, %v", taken, err)
			}
		})
	}
}

func TestTakeWhileRedisIsAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			w.Faults().Down()
			if _, _, err := b.Take(t.Context(), h, time.Minute); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Take: %v", err)
			}
			w.Faults().Up()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := b.Take(ctx, h, time.Minute); !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Take: %v", err)
			}
			if _, taken, err := b.Take(t.Context(), h, time.Minute); taken != storage.Won || err != nil {
				t.Errorf("Take = %v, %v", taken, err)
			}
		})
	}
}
