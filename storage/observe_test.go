package storage_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// watched is a store whose round trips are remembered.
type watched struct {
	*storage.Store
	mu    sync.Mutex
	trips []storage.RoundTrip
}

func watch(s *storage.Store) *watched {
	w := &watched{Store: s}
	s.Observe(time.Now, func(trip storage.RoundTrip) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.trips = append(w.trips, trip)
	})
	return w
}

// seen fails unless the last round trip was of this kind, failed by this, and took some time.
func (w *watched) seen(t *testing.T, kind, failure string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.trips) == 0 {
		t.Fatal("nothing was seen")
	}
	last := w.trips[len(w.trips)-1]
	if last.Kind != kind || last.Failure != failure || last.Took <= 0 {
		t.Errorf("%+v, want %s %q", last, kind, failure)
	}
	if !slices.Contains(storage.RoundTrips(), last.Kind) || last.Failure != "" && !slices.Contains(storage.Failures(), last.Failure) {
		t.Errorf("%+v is not among those that there are", last)
	}
}

func TestEachRoundTripIsSeen(t *testing.T) {
	world := storagetest.New(t)
	s := watch(world.Store)
	people := storage.NewBucket[person](s.Store, "people")
	h, missing := storage.NewHandle(), storage.NewHandle()

	_ = s.Ping(soon(t))
	s.seen(t, storage.OneCommand, "")
	_ = people.Put(soon(t), h, person{Name: "Lucas"}, time.Minute)
	s.seen(t, storage.OneScript, "")
	var one, none storage.Record[person]
	_ = s.Do(soon(t), people.Read(missing, &none), people.Read(h, &one))
	s.seen(t, storage.OnePipeline, "") // that something is not there is no failure
	if none.OK || !one.OK {
		t.Error("an observed pipeline gives other answers")
	}
	world.Faults().DropReply(1)
	_ = s.Ping(soon(t))
	s.seen(t, storage.OneCommand, storage.Unreachable)
	world.Faults().Down()
	_ = s.Do(soon(t), people.Read(h, &one), people.Read(h, &one))
	s.seen(t, storage.OnePipeline, storage.Unreachable)
	world.Faults().Up()
}

// A caller who has gone away has not met a failure of Redis.
func TestACallerWhoLeavesIsNoFailure(t *testing.T) {
	world := storagetest.New(t)
	s := watch(world.Store)
	_ = s.Ping(soon(t))
	ctx, leave := context.WithCancel(soon(t))
	leave()
	_ = s.Ping(ctx)
	s.seen(t, storage.OneCommand, "")
}

// What a real Redis refuses is told by its kind, also behind a value that is not there.
func TestWhatARealRedisRefusesIsSeen(t *testing.T) {
	for _, row := range []struct {
		name    string
		server  []string
		change  func(*storage.Options)
		failure string
	}{
		{"no password", []string{"--requirepass", "pw"}, nil, storage.Forbidden},
		{"a user who may only read", user("~* +@read +@scripting +@connection"), asBridge, storage.Forbidden},
		{"no memory", []string{"--maxmemory", "1"}, nil, storage.Full},
		{"no replicas", []string{"--min-replicas-to-write", "1"}, nil, storage.NotNow},
		{"nobody there", nil, func(o *storage.Options) { o.Addresses = []string{"127.0.0.1:1"} }, storage.Unreachable},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := storage.Options{Mode: "single", Addresses: []string{storagetest.Serve(t, row.server...)}, Prefix: "test:"}
			if row.change != nil {
				row.change(&o)
			}
			opened, err := storage.Open(o, storage.NewKeyring(storage.NewKey()))
			if err != nil {
				t.Fatal(err)
			}
			defer opened.Close()
			s := watch(opened)
			people := storage.NewBucket[person](s.Store, "people")
			var none storage.Record[person]
			h := storage.NewHandle()
			_ = s.Do(soon(t), people.Read(h, &none), s.TakesWrites(h.ID()))
			s.seen(t, storage.OnePipeline, row.failure)
		})
	}
}

// A pool that has no connection left is a kind of its own.
func TestAnEmptyPoolIsSeen(t *testing.T) {
	world := storagetest.New(t)
	opened, err := storage.Open(storage.Options{
		Mode: "single", Addresses: []string{world.Address()}, Prefix: "test:", PoolSize: 1, PoolTimeout: 20 * time.Millisecond,
	}, world.Store.Keyring())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	s := watch(opened)
	_ = s.Ping(soon(t))
	reached, release := world.Faults().Hold(1)
	first := make(chan error, 1)
	go func() { first <- s.Ping(soon(t)) }()
	<-reached
	if c := s.Connections(); c.Used != 1 || c.Idle != 0 {
		t.Errorf("%+v while one is busy", c)
	}
	_ = s.Ping(soon(t))
	s.seen(t, storage.OneCommand, storage.PoolEmpty)
	release()
	if err := <-first; err != nil {
		t.Error(err)
	}
	if c := s.Connections(); c.Used != 0 || c.Idle != 1 || c.Timeouts != 1 {
		t.Errorf("%+v afterwards", c)
	}
}

func TestTheDepthOfAQueue(t *testing.T) {
	world := storagetest.New(t)
	is := func(want int64) {
		t.Helper()
		if got, err := outbox(world.Store).Depth(soon(t)); err != nil || got != want {
			t.Errorf("%d, %v, want %d", got, err, want)
		}
	}
	is(0)
	add(t, world, letter("a", "Lucas"), letter("b", "Emma"))
	is(2)
	items := claim(t, world, world.Store, "a Lucas", "b Emma")
	is(2) // claimed is not done
	if err := outbox(world.Store).Done(soon(t), items[0]); err != nil {
		t.Fatal(err)
	}
	is(1)
	world.Faults().Down()
	if _, err := outbox(world.Store).Depth(soon(t)); err == nil {
		t.Error("without Redis: no error")
	}
	world.Faults().Up()
}

// BenchmarkRoundTrip is what it costs to be observed: the second is the first and that.
func BenchmarkRoundTrip(b *testing.B) {
	world := storagetest.Real(b)
	for _, row := range []struct {
		name  string
		store *storage.Store
	}{{"alone", world.Another(b)}, {"observed", world.Another(b)}} {
		if row.name == "observed" {
			row.store.Observe(time.Now, func(storage.RoundTrip) {})
		}
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := row.store.Ping(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
