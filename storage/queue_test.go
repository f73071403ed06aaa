package storage_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// What the queue of these tests is made of in Redis.
const (
	dueKey    = "test:queue-due:{outbox}"
	valuesKey = "test:queue-values:{outbox}"
)

// outbox is the queue of these tests. What is in it lives for an hour.
func outbox(s *storage.Store) *storage.Queue[person] {
	return storage.NewQueue[person](s, "outbox", time.Hour)
}

// letter is an item as Add takes it.
func letter(id, name string) storage.Item[person] {
	return storage.Item[person]{ID: id, Value: person{Name: name}}
}

// add puts letters in that are due now.
func add(t *testing.T, w *storagetest.World, letters ...storage.Item[person]) {
	t.Helper()
	if err := outbox(w.Store).Add(soon(t), w.Now(), letters...); err != nil {
		t.Fatal(err)
	}
}

// claim takes up to ten items for a minute, and fails unless they are these: "id name".
func claim(t *testing.T, w *storagetest.World, s *storage.Store, want ...string) []storage.Item[person] {
	t.Helper()
	items, err := outbox(s).Claim(soon(t), w.Now(), time.Minute, 10)
	if err != nil {
		t.Errorf("Claim: %v", err)
	}
	are(t, items, want...)
	return items
}

func are(t *testing.T, items []storage.Item[person], want ...string) {
	t.Helper()
	var got []string
	for _, item := range items {
		got = append(got, item.ID+" "+item.Value.Name)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("claimed %q, want %q", got, want)
	}
}

// done fails where an item cannot be removed.
func done(t *testing.T, s *storage.Store, item storage.Item[person]) {
	t.Helper()
	if err := outbox(s).Done(soon(t), item); err != nil {
		t.Errorf("Done: %v", err)
	}
}

// again fails unless Again ends like this.
func again(t *testing.T, s *storage.Store, item storage.Item[person], name string, due time.Time, want bool) {
	t.Helper()
	item.Value.Name = name
	if ok, err := outbox(s).Again(soon(t), item, due); ok != want || err != nil {
		t.Errorf("Again = %v, %v, want %v", ok, err, want)
	}
}

// empty fails unless nothing is left of the queue but receipts.
func empty(t *testing.T, w *storagetest.World) {
	t.Helper()
	if n := w.Redis().Exists(t.Context(), dueKey, valuesKey).Val(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
}

func TestQueue(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			queue(t, w)
		})
	}
}

// queue is the life of items: added, claimed, put back, done.
func queue(t *testing.T, w *storagetest.World) {
	t.Helper()
	s, other := w.Store, w.Another(t)
	claim(t, w, s)
	if err := outbox(s).Add(soon(t), w.Now().Add(time.Second), letter("C", "Noor")); err != nil {
		t.Fatal(err)
	}
	add(t, w, letter("A", "Lucas"), letter("B", "Emma"))
	add(t, w, letter("A", "lost"), letter("C", "lost")) // they stay as they are
	held := claim(t, w, other, "A Lucas", "B Emma")
	claim(t, w, s)
	done(t, other, held[0])
	again(t, other, held[1], "Emma, twice", w.Now().Add(2*time.Second), true)

	w.Advance(time.Second)
	held = append(held, claim(t, w, s, "C Noor")...)
	w.Advance(time.Second)
	held = append(held, claim(t, w, other, "B Emma, twice")...)
	done(t, s, held[2])
	done(t, s, held[3])
	empty(t, w)
	again(t, s, held[3], "back from the dead", w.Now(), false)
	empty(t, w)
}

// Of those that are due, the longest due come first, and no more than asked for.
func TestQueueOrder(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			q, now := outbox(w.Store), w.Now()
			for i, id := range []string{"A", "B", "C"} {
				if err := q.Add(soon(t), now.Add(-time.Duration(i)*time.Millisecond), letter(id, "x")); err != nil {
					t.Fatal(err)
				}
			}
			for _, want := range [][]string{{"C x", "B x"}, {"A x"}, nil} {
				items, err := q.Claim(soon(t), now, time.Minute, 2)
				if err != nil {
					t.Fatal(err)
				}
				are(t, items, want...)
			}
		})
	}
}

// Who dies while working leaves an item to others, at the very end of the lease. If
// he was only slow, he can say that it is done, but not put it back over them.
func TestQueueLease(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s, other := w.Store, w.Another(t)
			add(t, w, letter("A", "Lucas"))
			slow := claim(t, w, s, "A Lucas")[0]
			w.Advance(time.Minute - time.Millisecond)
			claim(t, w, other)
			w.Advance(time.Millisecond)
			held := claim(t, w, other, "A Lucas")[0]
			again(t, s, slow, "slow", w.Now(), false)
			claim(t, w, s)

			again(t, other, held, "Emma", w.Now().Add(time.Minute), true)
			again(t, other, held, "once more", w.Now(), false) // a claim is for one Again
			claim(t, w, s)
			done(t, s, slow)
			empty(t, w)
		})
	}
}

// The time is the argument, whatever Redis' own clock says.
func TestQueueClock(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			q, then := outbox(w.Store), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
			if err := q.Add(soon(t), then, letter("A", "Lucas")); err != nil {
				t.Fatal(err)
			}
			for _, row := range []struct {
				now  time.Time
				want []string
			}{
				{then.Add(-time.Millisecond), nil},
				{then, []string{"A Lucas"}},
				{then.Add(time.Second - time.Millisecond), nil},
				{then.Add(time.Second), []string{"A Lucas"}},
			} {
				items, err := q.Claim(soon(t), row.now, time.Second, 10)
				if err != nil {
					t.Fatal(err)
				}
				are(t, items, row.want...)
			}
		})
	}
}

// Every write renews the queue, but no item outlives its own hour; and what nobody
// writes to is gone.
func TestQueueLifetimes(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			renewed := func(by string) {
				t.Helper()
				for _, key := range []string{dueKey, valuesKey} {
					if left := w.Redis().PTTL(t.Context(), key).Val(); left < 59*time.Minute || left > time.Hour {
						t.Errorf("%s: %s lives for %v", by, key, left)
					}
				}
				w.Advance(19 * time.Minute)
			}
			add(t, w, letter("A", "Lucas"))
			renewed("Add")
			add(t, w, letter("B", "Emma"))
			renewed("another Add")
			held := claim(t, w, w.Store, "A Lucas", "B Emma")
			renewed("Claim")                                   // 57 minutes
			again(t, w.Store, held[0], "Lucas", w.Now(), true) // late, but nobody else has it
			renewed("Again")
			claim(t, w, w.Store, "B Emma") // A is over an hour old
			if w.Redis().HExists(t.Context(), valuesKey, "A").Val() {
				t.Error("the value of what is too old stays")
			}
			w.Advance(30 * time.Second)
			claim(t, w, w.Store) // finds nothing, and renews nothing
			w.Advance(59*time.Minute + 30*time.Second)
			if n := len(w.Redis().Keys(t.Context(), "*").Val()); n != 0 {
				t.Errorf("%d keys are left", n)
			}
		})
	}
}

// A reader of Redis sees ids and times.
func TestQueueIsSealed(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			add(t, w, letter("A", "Lucas"))
			look := func() string {
				values := w.Redis().HGetAll(t.Context(), valuesKey).Val()
				if len(values) != 1 {
					t.Fatalf("%d values", len(values))
				}
				return values["A"]
			}
			for _, raw := range []string{look(), func() string {
				again(t, w.Store, claim(t, w, w.Store, "A Lucas")[0], "Lucas", w.Now(), true)
				return look()
			}()} {
				if strings.Contains(raw, "Lucas") || strings.Contains(raw, "name") {
					t.Errorf("the value is readable: %q", raw)
				}
			}
		})
	}
}

func TestQueueRefuses(t *testing.T) {
	w := storagetest.New(t)
	ctx, q, now := t.Context(), outbox(w.Store), w.Now()
	named := func(name string, keep time.Duration) *storage.Queue[person] {
		return storage.NewQueue[person](w.Store, name, keep)
	}
	claimed := func(q *storage.Queue[person], lease time.Duration, n int) error {
		_, err := q.Claim(ctx, now, lease, n)
		return err
	}
	put := func(q *storage.Queue[person], item storage.Item[person]) error {
		_, err := q.Again(ctx, item, now)
		return err
	}
	add(t, w, letter("A", "Lucas"))
	held := claim(t, w, w.Store, "A Lucas")[0]
	w.ResetRoundtrips()
	for name, err := range map[string]error{
		"add: no id":            q.Add(ctx, now, letter("A", ""), letter("", "")),
		"add: a brace":          q.Add(ctx, now, letter("a}b", "")),
		"add: no due time":      q.Add(ctx, time.Time{}, letter("A", "")),
		"add: no lifetime":      named("outbox", 0).Add(ctx, now, letter("A", "")),
		"add: a brace's queue":  named("{", time.Hour).Add(ctx, now, letter("A", "")),
		"claim: no lease":       claimed(q, 0, 1),
		"claim: none":           claimed(q, time.Minute, 0),
		"claim: all":            claimed(q, time.Minute, -1),
		"claim: no lifetime":    claimed(named("outbox", 0), time.Minute, 1),
		"claim: no queue":       claimed(named("", time.Hour), time.Minute, 1),
		"done: no id":           q.Done(ctx, letter("", "")),
		"done: not claimed":     q.Done(ctx, letter("A", "")),
		"again: no id":          put(q, letter("", "")),
		"again: not claimed":    put(q, letter("A", "")),
		"done: no lifetime":     named("outbox", 0).Done(ctx, held),
		"again: no lifetime":    put(named("outbox", 0), held),
		"add: cannot be sealed": storage.NewQueue[float64](w.Store, "numbers", time.Hour).Add(ctx, now, storage.Item[float64]{ID: "A", Value: math.Inf(1)}),
	} {
		if err == nil || errors.Is(err, storage.ErrUnavailable) || strings.Contains(err.Error(), "Inf") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := q.Add(ctx, now); err != nil {
		t.Errorf("Add of nothing: %v", err)
	}
	if got := w.Roundtrips(); got != 0 {
		t.Errorf("%d round trips for what cannot be, or need not", got)
	}
}
