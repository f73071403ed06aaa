package storage_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// usage is what came of using something that works once.
type usage string

const (
	missing usage = "missing"
	won     usage = "won"
	replay  usage = "replay"
)

// use uses a value as whoever redeems a code does: it looks at it, and spends it
// with what it makes of it. If it has been spent, what was made of it is dropped.
func use(ctx context.Context, s *storage.Store, h storage.Handle, made, dropped []storage.Write) (usage, error) {
	b := people(s)
	var found storage.Record[person]
	err := s.Do(ctx, b.Read(h, &found))
	if err != nil || !found.OK && !found.Spent {
		return missing, err
	}
	if found.OK {
		ok, err := s.Commit(ctx, append([]storage.Write{b.Spend(h, found, "receipt", time.Hour)}, made...)...)
		if err != nil || ok {
			return won, err
		}
	}
	ok, err := s.Commit(ctx, append([]storage.Write{b.Replay(h, found)}, dropped...)...)
	if err != nil || ok {
		return replay, err
	}
	return missing, nil
}

// used fails unless a value's use ends like this.
func used(t *testing.T, s *storage.Store, h storage.Handle, want usage) {
	t.Helper()
	if got, err := use(soon(t), s, h, nil, nil); got != want || err != nil {
		t.Fatalf("it is %s (%v), want %s", got, err, want)
	}
}

func TestSpend(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			used(t, w.Store, h, won)
			holds(t, b, h, "")
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Spent {
				t.Errorf("state = %v, want Spent", got)
			}
			if got := read(t, b, w.Store, h); !got.Spent || got.Receipt != "receipt" || got.OK || got.Value.Name != "" {
				t.Errorf("read %+v", got)
			}
			w.Advance(50 * time.Minute)
			used(t, w.Store, h, replay)
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Replayed {
				t.Errorf("state = %v, want Replayed", got)
			}
			if got := read(t, b, w.Store, h); !got.Spent || got.Receipt != "receipt" {
				t.Errorf("read %+v", got)
			}
			used(t, w.Store, h, replay)
			w.Advance(10 * time.Minute) // the marker's time counts from when it was spent
			used(t, w.Store, h, missing)
		})
	}
}

// Of ten who use the same value one wins, the others are replays, and what the one
// made of it is gone.
func TestSpendOnce(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			h := put(t, w)
			stores := []*storage.Store{w.Store, w.Another(t)}
			results := make(chan usage, 10)
			var wg sync.WaitGroup
			for i := range cap(results) {
				wg.Go(func() {
					s := stores[i%2]
					sessions := storage.NewBucket[person](s, "sessions")
					made := sessions.Set(storage.NewSecret(h.ID()), person{Name: "Lucas"}, time.Minute)
					got, err := use(soon(t), s, h, []storage.Write{made}, []storage.Write{sessions.Drop(h.ID())})
					if err != nil {
						t.Error(err)
					}
					results <- got
				})
			}
			wg.Wait()
			close(results)
			count := map[usage]int{}
			for r := range results {
				count[r]++
			}
			if count[won] != 1 || count[replay] != 9 {
				t.Errorf("%v", count)
			}
			if got := stateOf(t, storage.NewBucket[person](w.Store, "sessions"), w.Store, h.ID()); got != storage.Absent {
				t.Errorf("the session's state = %v, want Absent", got)
			}
		})
	}
}

// With another secret there is neither a value nor a marker.
func TestSpendWithAnotherSecret(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			h := put(t, w)
			wrong := func() {
				t.Helper()
				before := w.Dump()
				for _, guess := range []storage.Handle{storage.NewSecret(h.ID()), storage.HandleOf(h.ID(), "")} {
					used(t, w.Store, guess, missing)
				}
				for key, value := range w.Dump() {
					if !slices.Equal(before[key], value) {
						t.Errorf("%s has changed", key)
					}
				}
			}
			wrong()
			used(t, w.Store, h, won)
			wrong()
			used(t, w.Store, h, replay)
			wrong()
		})
	}
}

// Who has read a value may spend it after Redis has forgotten it, and only the first.
func TestSpendWhatRedisHasForgotten(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, s, h := people(w.Store), w.Store, put(t, w)
			found := read(t, b, s, h)
			w.Redis().FlushAll(t.Context())
			committed(t, s, false, b.Replay(h, found)) // there is no marker to remember it with
			if dump := w.Dump(); len(dump) != 0 {
				t.Errorf("left: %v", dump)
			}
			committed(t, s, true, b.Spend(h, found, "receipt", time.Hour))
			committed(t, s, false, b.Spend(h, found, "receipt", time.Hour))
			used(t, s, h, replay)
		})
	}
}

// A marker of another value under the same id is not that of ours.
func TestReplayOfAnotherValue(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, s, h := people(w.Store), w.Store, put(t, w)
			found := read(t, b, s, h)
			w.Redis().FlushAll(t.Context())
			other := storage.NewSecret(h.ID())
			if err := b.Put(t.Context(), other, person{Name: "Emma"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			committed(t, s, false, b.Spend(h, found, "receipt", time.Hour))
			used(t, s, other, won)
			committed(t, s, false, b.Replay(h, found))
			if got := stateOf(t, b, s, h.ID()); got != storage.Spent {
				t.Errorf("state = %v, want Spent", got)
			}
		})
	}
}

// A reply that is lost costs a second command, and nothing else.
func TestSpendWithLostReplies(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			sessions := storage.NewBucket[person](w.Store, "sessions")
			for reply := range 3 {
				h := put(t, w)
				session := storage.NewSecret(h.ID())
				w.Faults().DropReply(reply)
				got, err := use(soon(t), w.Store, h, []storage.Write{sessions.Set(session, person{Name: "Lucas"}, time.Minute)}, nil)
				if got != won || err != nil {
					t.Errorf("reply %d is lost: it is %s (%v)", reply, got, err)
				}
				holds(t, sessions, session, "Lucas")
				w.Faults().DropReply(1)
				w.Faults().DropReply(3)
				used(t, w.Store, h, replay)
			}
		})
	}
}

func TestSpendUnderAnAcceptedKey(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			old, current := storage.NewKey(), storage.NewKey()
			h := storage.NewHandle()
			if err := people(w.With(t, storage.NewKeyring(old))).Put(t.Context(), h, person{Name: "Lucas"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			both := w.With(t, storage.NewKeyring(current, old))
			used(t, both, h, won)
			used(t, both, h, replay)
			if got, err := use(soon(t), w.With(t, storage.NewKeyring(current)), h, nil, nil); got != missing || !errors.Is(err, storage.ErrUnknownKey) {
				t.Errorf("without the key it is %s (%v)", got, err)
			}
		})
	}
}

// What is no value and no marker is damaged, and stays as it is.
func TestSpendGarbage(t *testing.T) {
	w := storagetest.New(t)
	h := put(t, w)
	key := "test:people:{" + h.ID() + "}"
	sealed := w.Dump()[key]
	sealed[len(sealed)-1] ^= 1
	for name, raw := range map[string]string{"a spoilt value": string(sealed), "words": "garbage", "half a marker": "\x81abc"} {
		w.Redis().Set(t.Context(), key, raw, time.Minute)
		if got, err := use(soon(t), w.Store, h, nil, nil); got != missing || !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("%s: it is %s (%v)", name, got, err)
		}
	}
}

func TestSpendWhileRedisIsAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			found := read(t, b, w.Store, h)
			w.Faults().Down()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := w.Store.Commit(ctx, b.Spend(h, found, "", time.Hour)); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Commit: %v", err)
			}
			w.Faults().Up()
			used(t, w.Store, h, won)
		})
	}
}
