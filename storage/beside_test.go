package storage_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// beside commits a record, and says in the same pipeline that a thing is over.
func beside(t *testing.T, w *storagetest.World, h storage.Handle, was storage.Record[person]) (ok bool, failure, err error) {
	t.Helper()
	op := tally(w.Store).Say(aThing(w, "x"), step(w, 1, "S."), nil)
	ok, err = w.Store.CommitBeside(soon(t), op, &failure, people(w.Store).Replace(h, was, person{Name: "Lucas"}, time.Minute))
	return ok, failure, err
}

// An op beside a commit costs no further round trip, also where a reply is lost, and is
// done once.
func TestBesideACommit(t *testing.T) {
	for _, row := range []struct {
		name   string
		lose   bool
		before func(*testing.T, *storagetest.World, storage.Handle)
		ok     bool
		sent   []string
	}{
		{"all is well", false, nil, true, []string{"eval+eval"}},
		{"a reply is lost", true, nil, true, []string{"eval+eval", "eval+eval"}},
		{"the guard fails", false, func(t *testing.T, w *storagetest.World, h storage.Handle) {
			t.Helper()
			committed(t, w.Store, true, people(w.Store).Set(h, person{Name: "Emma"}, time.Minute))
		}, false, []string{"eval+eval"}},
	} {
		for _, world := range worlds() {
			t.Run(row.name+"/"+world.name, func(t *testing.T) {
				w, h := world.start(t), storage.NewHandle()
				if row.before != nil {
					row.before(t, w, h)
				}
				w.ResetRoundtrips()
				if row.lose {
					w.Faults().DropReply(1)
				}
				ok, failure, err := beside(t, w, h, storage.Record[person]{})
				if ok != row.ok || failure != nil || err != nil {
					t.Errorf("%t, failure %v, error %v", ok, failure, err)
				}
				if got := w.Commands(); !slices.Equal(got, row.sent) {
					t.Errorf("sent %q", got)
				}
				if got := sums(t, w, "web", w.Now()); !maps.Equal(got, map[string]int{"23 S": 1}) {
					t.Errorf("said: %v", got)
				}
			})
		}
	}
}

// Whatever Redis says of the op, the commit is done, and its answer is told.
func TestAnOpBesideACommitThatFails(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w, h := world.start(t), storage.NewHandle()
			say(t, w, aThing(w, "y"), 1, "w")
			for key := range w.Dump() {
				w.Redis().Set(t.Context(), key, "of another kind", time.Minute)
			}
			w.ResetRoundtrips()
			ok, failure, err := beside(t, w, h, storage.Record[person]{})
			if !ok || err != nil || !errors.Is(failure, storage.ErrUnavailable) {
				t.Errorf("%t, failure %v, error %v", ok, failure, err)
			}
			if w.Roundtrips() != 1 {
				t.Errorf("sent %q", w.Commands())
			}
			holds(t, people(w.Store), h, "Lucas")
			var failed error
			tell := func(err error) { failed = err }
			var n int64
			op := tally(w.Store).Say(aThing(w, "x"), step(w, 1, "S."), nil)
			if err := w.Store.Do(soon(t), w.Store.Count("starts", "all", time.Minute, w.Now(), &n), storage.Aside(op, tell)); err != nil || n != 1 || failed == nil {
				t.Errorf("in a pipeline: %v, counted %d, failure %v", err, n, failed)
			}
			if err := w.Store.Do(soon(t), storage.Aside(op, tell)); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("alone in a pipeline: %v", err)
			}
		})
	}
}

// Where Redis is away, both are still to be done, and are once it is back.
func TestBesideACommitWithoutRedis(t *testing.T) {
	w, h := storagetest.New(t), storage.NewHandle()
	refused := w.Faults().Down()
	go func() {
		<-refused
		w.Faults().Up()
	}()
	ok, failure, err := beside(t, w, h, storage.Record[person]{})
	if !ok || failure != nil || err != nil {
		t.Errorf("%t, failure %v, error %v", ok, failure, err)
	}
	w.Faults().Down()
	op := tally(w.Store).Say(aThing(w, "x"), step(w, 1, "S."), nil)
	ended := make(chan error)
	go func() { ended <- w.Store.Insist(soon(t), op) }()
	w.Faults().Up()
	if err := <-ended; err != nil {
		t.Errorf("insisting: %v", err)
	}
	if got := sums(t, w, "web", w.Now()); !maps.Equal(got, map[string]int{"23 S": 1}) {
		t.Errorf("said: %v", got)
	}
}

// A Redis that refuses the connection is told of as such.
func TestBesideACommitThatIsRefused(t *testing.T) {
	socket := storagetest.Serve(t, "--requirepass", "secret")
	s, err := storage.Open(storage.Options{Mode: "single", Addresses: []string{socket}, Password: "wrong"}, storage.NewKeyring(storage.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var failure error
	w := storagetest.New(t)
	op := tally(s).Say(aThing(w, "x"), step(w, 1, "S."), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	ok, err := s.CommitBeside(ctx, op, &failure, people(s).Set(storage.NewHandle(), person{}, time.Minute))
	if ok || !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("%t, %v", ok, err)
	}
}
