package storage_test

import (
	"context"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// person is a value with something in it that nobody may find.
type person struct {
	Name  string `json:"name"`
	Count int    `json:"count,omitempty"`
}

// world is where a test runs: in process, and against a real Redis.
type world struct {
	name  string
	start func(testing.TB) *storagetest.World
}

func worlds() []world {
	return []world{{"miniredis", storagetest.New}, {"redis", storagetest.Real}}
}

// soon bounds a test that would otherwise wait for Redis for ever.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// people is the bucket that most tests use.
func people(s *storage.Store) *storage.Bucket[person] {
	return storage.NewBucket[person](s, "people")
}

// put puts Lucas under a new handle.
func put(t *testing.T, w *storagetest.World) storage.Handle {
	t.Helper()
	h := storage.NewHandle()
	if err := people(w.Store).Put(t.Context(), h, person{Name: "Lucas"}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return h
}

// holds fails unless Get says exactly this: a name, or "" for nothing.
func holds(t *testing.T, b *storage.Bucket[person], h storage.Handle, want string) {
	t.Helper()
	got, ok, err := b.Get(t.Context(), h)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	if got.Name != want || ok != (want != "") {
		t.Errorf("Get = %q, %v, want %q", got.Name, ok, want)
	}
}

// stateOf is a record's state.
func stateOf(t *testing.T, b *storage.Bucket[person], s *storage.Store, id string) storage.State {
	t.Helper()
	var state storage.State
	if err := s.Do(t.Context(), b.State(id, &state)); err != nil {
		t.Fatalf("State: %v", err)
	}
	return state
}

// committed fails unless the commit ends like this.
func committed(t *testing.T, s *storage.Store, want bool, writes ...storage.Write) {
	t.Helper()
	ok, err := s.Commit(soon(t), writes...)
	if err != nil || ok != want {
		t.Fatalf("Commit = %v, %v, want %v", ok, err, want)
	}
}

// await fails where something that should happen does not.
func await(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-soon(t).Done():
		t.Fatal("it does not happen")
	}
}
