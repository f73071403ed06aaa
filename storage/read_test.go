package storage_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/storage"
)

func TestDoIsOneRoundTrip(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, s, h := people(w.Store), w.Store, put(t, w)
			lease, n := s.NewLease("lease", h.ID()), int64(0)
			got, none := storage.Record[person]{}, storage.Record[person]{OK: true}
			state := storage.Absent
			w.ResetRoundtrips()
			err := s.Do(t.Context(), lease.Acquire(time.Minute), b.Read(h, &got), b.State(h.ID(), &state),
				b.Read(storage.NewHandle(), &none), s.Count("starts", "all", time.Minute, w.Now(), &n))
			if err != nil {
				t.Fatal(err)
			}
			if !lease.Held() || got.Value.Name != "Lucas" || !got.OK || none.OK || state != storage.Sealed || n != 1 {
				t.Errorf("held %v, got %v, none %v, state %v, n %d", lease.Held(), got, none, state, n)
			}
			if sent := w.Commands(); !slices.Equal(sent, []string{"eval+get+getrange+get+eval"}) || w.Roundtrips() != 1 {
				t.Errorf("sent %q", sent)
			}
			if err := s.Do(t.Context()); err != nil || w.Roundtrips() != 1 {
				t.Errorf("Do of nothing: %v, %d", err, w.Roundtrips())
			}
		})
	}
}

func TestDoIsSentAgainOnce(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			w.ResetRoundtrips()
			w.Faults().DropReply(1)
			holds(t, b, h, "Lucas")
			if w.Roundtrips() != 2 {
				t.Errorf("%d round trips, want 2", w.Roundtrips())
			}
			w.ResetRoundtrips()
			w.Faults().DropReply(1)
			w.Faults().DropReply(2)
			if _, _, err := b.Get(t.Context(), h); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Get: %v", err)
			}
			if w.Roundtrips() != 2 {
				t.Errorf("%d round trips, want 2", w.Roundtrips())
			}
		})
	}
}

// What Redis itself refuses is not sent again.
func TestAnswersAreNotSentAgain(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), storage.NewHandle()
			key := "test:people:{" + h.ID() + "}"
			w.Redis().RPush(t.Context(), key, "not a string")
			w.Redis().Expire(t.Context(), key, time.Minute)
			w.ResetRoundtrips()
			if _, _, err := b.Get(t.Context(), h); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Get: %v", err)
			}
			if w.Roundtrips() != 1 {
				t.Errorf("%d round trips, want 1", w.Roundtrips())
			}
		})
	}
}

func TestDoWithAContextThatEnded(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := b.Get(ctx, h); !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Get: %v", err)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			if got := stateOf(t, b, w.Store, "NOBODY"); got != storage.Absent {
				t.Errorf("state = %v, want Absent", got)
			}
			for i, want := range []storage.State{storage.Sealed, storage.Spent, storage.Replayed, storage.Replayed} {
				if got := stateOf(t, b, w.Store, h.ID()); got != want {
					t.Errorf("%d: state = %v, want %v", i, got, want)
				}
				if _, err := use(t.Context(), w.Store, h, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			w.Redis().Set(t.Context(), "test:people:{"+h.ID()+"}", "garbage", time.Minute)
			var state storage.State
			if err := w.Store.Do(t.Context(), b.State(h.ID(), &state)); !errors.Is(err, storage.ErrDamaged) {
				t.Errorf("State of garbage: %v", err)
			}
		})
	}
}

// silent opens a store on a Redis that takes everything and never answers.
func silent(t *testing.T, o storage.Options) *storage.Store {
	t.Helper()
	o.Mode, o.Addresses, o.ReadTimeout = "single", []string{"redis:6379"}, time.Hour
	o.Dial = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go io.Copy(io.Discard, server)
		return client, nil
	}
	s, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Where all connections are busy, one waits for one once.
func TestBusyPoolIsAwaitedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := silent(t, storage.Options{PoolSize: 1, PoolTimeout: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		go s.Ping(ctx)
		synctest.Wait()
		began := time.Now()
		if _, _, err := people(s).Get(ctx, storage.NewHandle()); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Get: %v", err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
		cancel()
		s.Close()
	})
}

// A deadline ends what waits for Redis, however long Redis might be waited for.
func TestDeadlinesCount(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(ctx context.Context, s *storage.Store) error
	}{
		{"get", func(ctx context.Context, s *storage.Store) error {
			_, _, err := people(s).Get(ctx, storage.NewHandle())
			return err
		}},
		{"put", func(ctx context.Context, s *storage.Store) error {
			return people(s).Put(ctx, storage.NewHandle(), person{}, time.Minute)
		}},
		{"delete", func(ctx context.Context, s *storage.Store) error {
			return people(s).Delete(ctx, storage.NewHandle())
		}},
		{"swap", func(ctx context.Context, s *storage.Store) error {
			_, err := s.Cell("keys", time.Hour).Swap(ctx, "", nil)
			return err
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := silent(t, storage.Options{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				if err := row.do(ctx, s); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took != time.Second {
					t.Errorf("it took %v", took)
				}
				s.Close()
			})
		})
	}
}
