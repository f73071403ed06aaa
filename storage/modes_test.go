package storage_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Everything once in a Cluster, which refuses scripts over several slots, once where a
// sentinel says where Redis is, and once in the oldest Redis that will do.
func TestModes(t *testing.T) {
	for _, world := range []world{{"cluster", storagetest.Cluster}, {"sentinel", storagetest.Sentinel}, {"least", storagetest.Least}} {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			everything(t, w)
			spendTwice(t, w)
			queue(t, w)
			claimTwice(t, w)
		})
	}
}

func everything(t *testing.T, w *storagetest.World) {
	t.Helper()
	s, b, h := w.Store, people(w.Store), put(t, w)
	sessions, session := storage.NewBucket[person](s, "sessions"), storage.NewSecret(h.ID())
	lease, n := s.NewLease("lease", h.ID()), int64(0)
	var got storage.Record[person]
	if err := s.Do(t.Context(), lease.Acquire(time.Minute), b.Read(h, &got), s.Count("starts", "all", time.Minute, w.Now(), &n)); err != nil {
		t.Fatal(err)
	}
	if !got.OK || !lease.Held() || n != 1 {
		t.Errorf("read %v, held %v, count %d", got.OK, lease.Held(), n)
	}
	committed(t, s, true, b.Replace(h, got, person{Name: "Emma"}, time.Minute),
		sessions.Set(session, person{Name: "Emma"}, time.Minute), lease.Release(time.Second))
	for _, want := range []usage{won, replay} {
		if got, err := use(t.Context(), s, h, nil, []storage.Write{sessions.Drop(h.ID())}); got != want || err != nil {
			t.Errorf("it is %s (%v), want %s", got, err, want)
		}
	}
	holds(t, sessions, session, "")
	if err := sessions.Delete(t.Context(), session); err != nil {
		t.Error(err)
	}
	swap(t, s.Cell("keys", time.Hour), "", "one", true)
	load(t, s.Cell("keys", time.Hour), "one")
	if policy, err := s.Policy(t.Context()); policy != "noeviction" || err != nil {
		t.Errorf("Policy = %q, %v", policy, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// A value is spent once, however often the command is sent.
func spendTwice(t *testing.T, w *storagetest.World) {
	t.Helper()
	h := put(t, w)
	sessions := storage.NewBucket[person](w.Store, "sessions")
	w.Faults().DropReply(2)
	got, err := use(soon(t), w.Store, h, []storage.Write{sessions.Set(storage.NewSecret(h.ID()), person{}, time.Minute)}, nil)
	if got != won || err != nil {
		t.Errorf("it is %s (%v)", got, err)
	}
	used(t, w.Store, h, replay)
}

// A claim gets its items however often it is sent.
func claimTwice(t *testing.T, w *storagetest.World) {
	t.Helper()
	add(t, w, letter("A", "Lucas"))
	w.Faults().DropReply(1)
	done(t, w.Store, claim(t, w, w.Store, "A Lucas")[0])
	empty(t, w)
}

// Behind a sentinel, too, only we decide what is sent again.
func TestSentinelSendsOnce(t *testing.T) {
	w := storagetest.Sentinel(t)
	h := put(t, w)
	w.ResetRoundtrips()
	w.Faults().DropReply(1)
	w.Faults().DropReply(2)
	if _, _, err := people(w.Store).Get(t.Context(), h); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Get: %v", err)
	}
	if got := w.Commands(); !slices.Equal(got, []string{"get", "get"}) {
		t.Errorf("sent %q, want two", got)
	}
}

// A store on a client of a Cluster knows that its records are on several nodes, however it was made.
func TestSpread(t *testing.T) {
	alone, cluster := redis.NewClient(&redis.Options{}), redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}})
	defer func() { _, _ = alone.Close(), cluster.Close() }()
	for _, row := range []struct {
		client redis.UniversalClient
		want   bool
	}{{alone, false}, {cluster, true}} {
		if got := storage.New(row.client, "test:", storage.NewKeyring(storage.NewKey())).Spread(); got != row.want {
			t.Errorf("%T: Spread = %v", row.client, got)
		}
	}
}
