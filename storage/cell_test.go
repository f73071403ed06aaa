package storage_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
)

// load fails unless the cell holds this, and gives its revision.
func load(t *testing.T, c *storage.Cell, want string) string {
	t.Helper()
	data, revision, ok, err := c.Load(t.Context())
	if err != nil || string(data) != want || ok != (want != "") || ok != (revision != "") {
		t.Errorf("Load = %q, %q, %v, %v, want %q", data, revision, ok, err, want)
	}
	return revision
}

// swap fails unless Swap ends like this.
func swap(t *testing.T, c *storage.Cell, revision, data string, want bool) {
	t.Helper()
	if ok, err := c.Swap(t.Context(), revision, []byte(data)); ok != want || err != nil {
		t.Errorf("Swap %q = %v, %v, want %v", data, ok, err, want)
	}
}

func TestCell(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			c, other := w.Store.Cell("keys", time.Hour), w.Another(t).Cell("keys", time.Hour)
			load(t, c, "")
			swap(t, c, strings.Repeat("x", 33), "lost", false) // not there
			swap(t, c, "", "one", true)
			swap(t, other, "", "lost", false) // there
			first := load(t, other, "one")
			swap(t, other, first, "two", true)
			swap(t, c, first, "lost", false) // somebody was faster
			swap(t, c, load(t, c, "two"), "three", true)
			load(t, w.Store.Cell("others", time.Hour), "")

			w.Advance(50 * time.Minute)
			load(t, c, "three") // and renews it
			w.Advance(50 * time.Minute)
			second := load(t, c, "three")
			w.Advance(50 * time.Minute)
			swap(t, c, second, "four", true)
			w.Advance(50 * time.Minute)
			load(t, c, "four")
			w.Advance(time.Hour)
			load(t, c, "")
		})
	}
}

func TestCellWithLostReplies(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			c := w.Store.Cell("keys", time.Hour)
			w.Faults().DropReply(1)
			swap(t, c, "", "one", true)
			w.Faults().DropReply(1)
			revision := load(t, c, "one")
			w.Faults().DropReply(1)
			swap(t, c, revision, "two", true)
			if got := w.Commands(); !slices.Equal(got, []string{"eval", "eval", "eval", "eval", "eval", "eval"}) {
				t.Errorf("sent %q", got)
			}
			load(t, c, "two")
		})
	}
}

// A cell does not wait for Redis: its callers serve from memory.
func TestCellWhileRedisIsAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			c := w.Store.Cell("keys", time.Hour)
			w.Faults().Down()
			if _, _, _, err := c.Load(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Load: %v", err)
			}
			if _, err := c.Swap(t.Context(), "", nil); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Swap: %v", err)
			}
		})
	}
}

// Ten replicas swap the same revision again and again: every revision has one
// successor, and no swap that was told to have won is lost.
func TestCellRace(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			swap(t, w.Store.Cell("keys", time.Hour), "", "-", true)
			stores := []*storage.Store{w.Store, w.Another(t)}
			var wg sync.WaitGroup
			for i := range 10 {
				wg.Go(func() {
					c := stores[i%2].Cell("keys", time.Hour)
					for {
						data, revision, ok, err := c.Load(soon(t))
						if err != nil || !ok {
							t.Errorf("Load = %v, %v", ok, err)
							return
						}
						ok, err = c.Swap(soon(t), revision, append(data, byte('0'+i)))
						if err != nil || ok {
							if err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			wg.Wait()
			data, _, _, err := w.Store.Cell("keys", time.Hour).Load(t.Context())
			slices.Sort(data)
			if err != nil || string(data) != "-0123456789" {
				t.Errorf("Load = %q, %v", data, err)
			}
		})
	}
}

// What does not open is an error and stays, so that nobody starts anew over it.
func TestCellOfAnotherKey(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			old, current := storage.NewKey(), storage.NewKey()
			before := w.With(t, storage.NewKeyring(old)).Cell("keys", time.Hour)
			swap(t, before, "", "one", true)
			if sealed := w.Dump()["test:cell:{keys}"]; bytes.Contains(sealed, []byte("one")) {
				t.Errorf("the cell is readable: %q", sealed)
			}
			wrong := w.With(t, storage.NewKeyring(current)).Cell("keys", time.Hour)
			if _, _, ok, err := wrong.Load(t.Context()); ok || !errors.Is(err, storage.ErrUnknownKey) {
				t.Errorf("Load = %v, %v", ok, err)
			}
			swap(t, wrong, "", "lost", false)

			after := w.With(t, storage.NewKeyring(current, old)).Cell("keys", time.Hour)
			swap(t, after, load(t, after, "one"), "two", true)
			load(t, wrong, "two") // sealed anew, under the current key
			if _, _, ok, err := before.Load(t.Context()); ok || !errors.Is(err, storage.ErrUnknownKey) {
				t.Errorf("Load = %v, %v", ok, err)
			}
			for _, garbage := range []string{"garbage", "\x81"} {
				w.Redis().Set(t.Context(), "test:cell:{keys}", garbage, time.Minute)
				if _, _, ok, err := after.Load(t.Context()); ok || !errors.Is(err, storage.ErrDamaged) {
					t.Errorf("Load of garbage = %v, %v", ok, err)
				}
			}
		})
	}
}

// What was sealed anew opens without the key that was current before.
func TestReseal(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			old, current := storage.NewKey(), storage.NewKey()
			cell := func(keys ...storage.Key) *storage.Cell {
				return w.With(t, storage.NewKeyring(keys[0], keys[1:]...)).Cell("keys", time.Hour)
			}
			reseal := func(c *storage.Cell, want error) {
				t.Helper()
				if err := c.Reseal(t.Context()); !errors.Is(err, want) {
					t.Errorf("Reseal = %v, want %v", err, want)
				}
			}
			reseal(cell(current), nil) // nothing is there
			swap(t, cell(old), "", "one", true)
			was := load(t, cell(old), "one")
			reseal(cell(current), storage.ErrUnknownKey)
			reseal(cell(old, current), nil)
			if load(t, cell(old), "one") != was {
				t.Error("it is sealed anew under the same key")
			}
			reseal(cell(current, old), nil)
			load(t, cell(current), "one")
		})
	}
}
