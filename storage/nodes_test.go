package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// idAt is a new id in a slot of one of the masters.
func idAt(t *testing.T, n *storagetest.Nodes, master int) string {
	t.Helper()
	for {
		if id := storage.NewHandle().ID(); n.MasterOf(t, id) == master {
			return id
		}
	}
}

// within runs something again and again until it succeeds, and fails if that takes too long.
func within(t *testing.T, d time.Duration, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	err := do(ctx)
	for ; err != nil && ctx.Err() == nil; err = do(ctx) {
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	if err != nil {
		t.Errorf("not within %s: %v", d, err)
	}
}

// Soon after a replica has taken a dead master's place, it is found: by what is sent
// alone, in a pipeline, and by what is sent once.
func TestADeadMasterIsReplacedSoon(t *testing.T) {
	n := storagetest.StartNodes(t)
	s, id := n.Store(t), idAt(t, n, 0)
	h := storage.NewSecret(id)
	if err := people(s).Put(t.Context(), h, person{Name: "Lucas"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	n.KillFirst(t)
	within(t, 10*time.Second, func(ctx context.Context) error {
		_, _, err := people(s).Get(ctx, h)
		return err
	})
	within(t, time.Second, func(ctx context.Context) error {
		_, err := use(ctx, s, h, nil, nil)
		return err
	})
	within(t, time.Second, s.Probe)
}

// What is sent once waits for a slot that is moving from one node to another, so that
// some of its keys are here and some there: Redis says that it did not run.
func TestASlotThatMoves(t *testing.T) {
	g := storagetest.StartGuarded(t, "cluster", storagetest.Guard{}, storagetest.Guard{})
	s, h := open(t, g, "cluster", storage.Options{}), storage.NewHandle()
	if err := people(s).Put(t.Context(), h, person{Name: "Lucas"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	g.Redis.SetError("TRYAGAIN Multiple keys request during rehashing of slot")
	moved := time.AfterFunc(200*time.Millisecond, func() { g.Redis.SetError("") })
	defer moved.Stop()
	if err := people(s).Delete(soon(t), h); err != nil {
		t.Errorf("Delete: %v", err)
	}
	g.Redis.SetError("TRYAGAIN Multiple keys request during rehashing of slot")
	if err := people(s).Delete(soon(t), h); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("a move without an end: %v", err)
	}
}

// Where a part of a Cluster is dead, what may be missing is missing, and the rest is
// there. Where nothing is answered, that is an error.
func TestForgiving(t *testing.T) {
	n := storagetest.StartNodes(t)
	s, dead, alive := n.Store(t), idAt(t, n, 2), idAt(t, n, 1)
	var there, gone storage.State
	var failure error
	ask := func(ops ...storage.Op) error { return s.Do(soon(t), ops...) }
	if err := ask(people(s).State(alive, &there), storage.Forgiving(people(s).State(dead, &gone), &failure)); err != nil || failure != nil {
		t.Fatalf("%v, %v", err, failure)
	}
	n.KillLast(t)
	if err := ask(people(s).State(alive, &there), storage.Forgiving(people(s).State(dead, &gone), &failure)); err != nil || !errors.Is(failure, storage.ErrUnavailable) {
		t.Errorf("one of two: %v, %v", err, failure)
	}
	if err := ask(people(s).State(dead, &there), storage.Forgiving(people(s).State(alive, &gone), &failure)); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("the other one: %v", err)
	}
	if err := ask(storage.Forgiving(people(s).State(dead, &gone), &failure)); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("nothing is answered: %v", err)
	}
	if err := ask(s.TakesWrites(alive)); err != nil {
		t.Errorf("what lives takes writes: %v", err)
	}
	if err := ask(s.TakesWrites(dead)); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("what is dead takes writes: %v", err)
	}
	if err := s.Probe(soon(t)); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("a probe of all: %v", err)
	}
}
