package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// Two replicas, five claimers each, at once: everything is claimed once.
func TestClaimRace(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			var want []string
			for i := range 100 {
				want = append(want, fmt.Sprintf("%02d", i))
				add(t, w, letter(want[i], "x"))
			}
			stores, claimed := []*storage.Store{w.Store, w.Another(t)}, make(chan string, 1000)
			var wg sync.WaitGroup
			for i := range 10 {
				wg.Go(func() {
					for {
						items, err := outbox(stores[i%2]).Claim(soon(t), w.Now(), time.Minute, 3)
						if err != nil {
							t.Error(err)
						}
						for _, item := range items {
							claimed <- item.ID
						}
						if len(items) == 0 {
							return
						}
					}
				})
			}
			wg.Wait()
			close(claimed)
			var got []string
			for id := range claimed {
				got = append(got, id)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("claimed %q", got)
			}
		})
	}
}

// A lost reply costs a second command, nothing else.
func TestQueueWithLostReplies(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s := w.Store
			w.Faults().DropReply(1)
			add(t, w, letter("A", "Lucas"), letter("B", "Emma"))
			w.Faults().DropReply(1)
			held := claim(t, w, s, "A Lucas", "B Emma")
			w.Faults().DropReply(1)
			again(t, s, held[0], "Noor", w.Now(), true)
			w.Faults().DropReply(1)
			done(t, s, held[1])
			w.Faults().DropReply(1)
			held = claim(t, w, s, "A Noor")
			claim(t, w, s)
			done(t, s, held[0])
			empty(t, w)
			if got := len(w.Commands()); got != 12 {
				t.Errorf("%d commands, want 12", got)
			}
		})
	}
}

// What happens between a command and its being sent again stays as it is.
func TestRepeatedQueueCommands(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s, other := w.Store, w.Another(t)
			repeated := func(name string, want bool, send func() (bool, error), happens func()) {
				t.Helper()
				if ok, err := between(t, w, send, happens); ok != want || err != nil {
					t.Errorf("%s = %v, %v, want %v", name, ok, err, want)
				}
			}

			repeated("Add", true, func() (bool, error) {
				return true, outbox(s).Add(soon(t), w.Now(), letter("A", "Lucas"))
			}, func() { done(t, other, claim(t, w, other, "A Lucas")[0]) })
			empty(t, w) // nothing is revived

			add(t, w, letter("A", "Emma"))
			held := claim(t, w, s, "A Emma")[0]
			repeated("Again", true, func() (bool, error) {
				return outbox(s).Again(soon(t), held, w.Now())
			}, func() { held = claim(t, w, other, "A Emma")[0] })
			claim(t, w, s) // it is still theirs

			repeated("Done", true, func() (bool, error) {
				return true, outbox(s).Done(soon(t), held)
			}, func() { add(t, w, letter("A", "Noor")) })
			held = claim(t, w, s, "A Noor")[0] // what is new stays
			done(t, s, held)

			add(t, w, letter("A", "Lucas"), letter("B", "Emma"), letter("C", "Noor"))
			now, items := w.Now(), []storage.Item[person](nil)
			repeated("Claim", true, func() (_ bool, err error) {
				items, err = outbox(s).Claim(soon(t), now, time.Second, 10)
				return true, err
			}, func() {
				w.Advance(time.Second)
				theirs := claim(t, w, other, "A Lucas", "B Emma", "C Noor")
				done(t, other, theirs[2])
			})
			are(t, items) // the lease is over: they are theirs, or done
		})
	}
}

// value is what the queue holds of an item.
func value(t *testing.T, w *storagetest.World, key, id string) string {
	t.Helper()
	held, err := w.Redis().HGet(t.Context(), key, id).Result()
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// An item that nothing can open does not keep others from being done, and is removed.
func TestClaimOfDamaged(t *testing.T) {
	flip := func(own string, at int) string { return own[:at] + string([]byte{own[at] ^ 1}) + own[at+1:] }
	for _, row := range []struct {
		name   string
		change func(own, neighbour, elsewhere, record string) string
	}{
		{"another text", func(own, _, _, _ string) string { return flip(own, len(own)-1) }},
		{"cut", func(own, _, _, _ string) string { return own[:len(own)-20] }},
		{"no origin", func(string, string, string, string) string { return "garbage" }},
		{"half an origin", func(string, string, string, string) string { return "1795424400000.garbage" }},
		{"no sealed value", func(string, string, string, string) string { return "1795424400000.X." }},
		{"of another item", func(_, neighbour, _, _ string) string { return neighbour }},
		{"of another queue", func(_, _, elsewhere, _ string) string { return elsewhere }},
		{"of a bucket of this name", func(_, _, _, record string) string { return "1795424400000.X." + record }},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, world := range worlds() {
				t.Run(world.name, func(t *testing.T) {
					w := world.start(t)
					elsewhere := storage.NewQueue[person](w.Store, "inbox", time.Hour)
					if err := elsewhere.Add(soon(t), w.Now(), letter("A", "Lucas")); err != nil {
						t.Fatal(err)
					}
					add(t, w, letter("A", "Lucas"), letter("B", "Emma"), letter("C", "Noor"))
					bucket := storage.NewBucket[person](w.Store, "outbox")
					if err := bucket.Put(soon(t), storage.HandleOf("A", ""), person{Name: "Lucas"}, time.Hour); err != nil {
						t.Fatal(err)
					}
					bad := row.change(value(t, w, valuesKey, "A"), value(t, w, valuesKey, "C"),
						value(t, w, "test:queue-values:{inbox}", "A"), string(w.Dump()["test:outbox:{A}"]))
					w.Redis().HSet(t.Context(), valuesKey, "A", bad)

					items, err := outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 10)
					if !errors.Is(err, storage.ErrDamaged) {
						t.Errorf("Claim: %v", err)
					}
					are(t, items, "B Emma", "C Noor")
					w.Advance(time.Minute)
					claim(t, w, w.Store, "B Emma", "C Noor")
					if n := w.Redis().HLen(t.Context(), valuesKey).Val(); n != 2 {
						t.Errorf("%d values, want 2", n)
					}
				})
			}
		})
	}
}

// What could not be removed is hidden, and removed by the next who claims it.
func TestClaimOfDamagedWhileRedisGoesAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			add(t, w, letter("A", "Lucas"), letter("B", "Emma"))
			w.Redis().HSet(t.Context(), valuesKey, "A", "garbage")
			reached, release := w.Faults().Hold(2)
			var items []storage.Item[person]
			var err error
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				items, err = outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 10)
			}()
			await(t, reached)
			w.Faults().Down()
			release()
			await(t, ended)
			w.Faults().Up()
			if !errors.Is(err, storage.ErrDamaged) || !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Claim: %v", err)
			}
			are(t, items, "B Emma")
			w.Advance(time.Minute)
			if items, err = outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 10); !errors.Is(err, storage.ErrDamaged) {
				t.Errorf("Claim: %v", err)
			}
			are(t, items, "B Emma")
			if n := w.Redis().HLen(t.Context(), valuesKey).Val(); n != 1 {
				t.Errorf("%d values, want 1", n)
			}
		})
	}
}

// What another replica may be able to read is hidden for the lease, and is there for
// the other one, until it has outlived the queue's lifetime like everything else.
func TestClaimOfWhatOthersRead(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			current := storage.NewKey()
			theirs := w.With(t, storage.NewKeyring(current))
			add(t, w, letter("A", "Lucas"), letter("B", "Emma"))
			if err := outbox(theirs).Add(soon(t), w.Now(), letter("C", "Noor"), letter("D", "Milan")); err != nil {
				t.Fatal(err)
			}
			items, err := outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 10)
			if !errors.Is(err, storage.ErrUnknownKey) || strings.Count(err.Error(), storage.ErrUnknownKey.Error()) != 1 {
				t.Errorf("Claim: %v", err)
			}
			are(t, items, "A Lucas", "B Emma")
			done(t, w.Store, items[0])
			done(t, w.Store, items[1])
			claim(t, w, theirs) // hidden

			w.Advance(time.Minute)
			numbers := storage.NewQueue[float64](theirs, "outbox", time.Hour)
			if got, err := numbers.Claim(soon(t), w.Now(), time.Minute, 10); len(got) != 0 || err == nil || errors.Is(err, storage.ErrDamaged) {
				t.Errorf("Claim of another type = %v, %v", got, err)
			}
			w.Advance(time.Minute)
			items = claim(t, w, theirs, "C Noor", "D Milan")
			done(t, theirs, items[0])

			add(t, w, letter("E", "Lucas"))
			w.Advance(58 * time.Minute)
			claim(t, w, w.Store, "E Lucas")
			if n := w.Redis().HLen(t.Context(), valuesKey).Val(); n != 1 {
				t.Errorf("%d values, want 1", n)
			}
		})
	}
}

// The two keys may not end at the same instant, or lose one half of an item.
func TestHalfAnItem(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			add(t, w, letter("A", "Lucas"), letter("B", "Emma"), letter("C", "Noor"))
			w.Redis().HDel(t.Context(), valuesKey, "A")
			w.Redis().HSet(t.Context(), valuesKey, "B", "")
			claim(t, w, w.Store, "C Noor")
			if n := w.Redis().ZCard(t.Context(), dueKey).Val(); n != 1 {
				t.Errorf("%d are due some day, want 1", n)
			}

			w.Redis().HDel(t.Context(), valuesKey, "C")
			add(t, w, letter("C", "anew"), letter("D", "Milan"))
			w.Redis().ZRem(t.Context(), dueKey, "D")
			add(t, w, letter("D", "anew"))
			claim(t, w, w.Store, "C anew", "D anew")

			w.Redis().Del(t.Context(), dueKey)
			add(t, w, letter("E", "Lucas"))
			if n := w.Redis().HLen(t.Context(), valuesKey).Val(); n != 1 {
				t.Errorf("%d values, want 1: nobody finds the others", n)
			}
		})
	}
}

// Writes outlive an absence of Redis. A claim does not wait: it is asked for again.
func TestQueueWhileRedisIsAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			add(t, w, letter("A", "Lucas"), letter("B", "Emma"))
			held := claim(t, w, w.Store, "A Lucas", "B Emma")
			w.Faults().Down()
			if _, err := outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 1); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Claim: %v", err)
			}
			for name, write := range map[string]func() error{
				"Add":   func() error { return outbox(w.Store).Add(soon(t), w.Now(), letter("C", "Noor")) },
				"Done":  func() error { return outbox(w.Store).Done(soon(t), held[0]) },
				"Again": func() error { _, err := outbox(w.Store).Again(soon(t), held[1], w.Now()); return err },
			} {
				refused, ended := w.Faults().Down(), make(chan error, 1)
				go func() { ended <- write() }()
				await(t, refused) // at least once
				w.Faults().Up()
				if err := <-ended; err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			w.Advance(time.Millisecond)
			items, err := outbox(w.Store).Claim(soon(t), w.Now(), time.Minute, 10)
			if err != nil || len(items) != 2 {
				t.Errorf("Claim = %v, %v, want two", items, err)
			}
		})
	}
}
