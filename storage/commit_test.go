package storage_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// read reads a record as Replace wants it.
func read(t *testing.T, b *storage.Bucket[person], s *storage.Store, h storage.Handle) storage.Record[person] {
	t.Helper()
	var r storage.Record[person]
	if err := s.Do(t.Context(), b.Read(h, &r)); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCommitIsOneRoundTrip(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, s, h := people(w.Store), w.Store, storage.NewHandle()
			labels := storage.NewBucket[person](s, "labels")
			lease := s.NewLease("lease", h.ID())
			if err := s.Do(t.Context(), lease.Acquire(time.Minute)); err != nil || !lease.Held() {
				t.Fatal(err, lease.Held())
			}
			w.ResetRoundtrips()
			committed(t, s, true, b.Replace(h, storage.Record[person]{}, person{Name: "Lucas"}, time.Minute),
				labels.Set(storage.HandleOf(h.ID(), ""), person{Name: "shop"}, time.Minute), lease.Release(0))
			if got := w.Commands(); !slices.Equal(got, []string{"eval"}) {
				t.Errorf("sent %q", got)
			}
			holds(t, b, h, "Lucas")
			holds(t, labels, storage.HandleOf(h.ID(), ""), "shop")
			committed(t, s, true, b.Drop(h.ID()), labels.Drop(h.ID()))
			if dump := w.Dump(); len(dump) != 0 {
				t.Errorf("left: %v", dump)
			}
			committed(t, s, true) // nothing to do
		})
	}
}

// spend uses a value so many times.
func spend(t *testing.T, w *storagetest.World, h storage.Handle, times int) {
	t.Helper()
	for range times {
		if _, err := use(t.Context(), w.Store, h, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Each guard, when it fails, lets nothing of the commit happen.
func TestGuards(t *testing.T) {
	for _, row := range []struct {
		name  string
		guard func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write
		want  bool
	}{
		{"the revision that was read", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			return people(w.Store).Replace(h, read(t, people(w.Store), w.Store, h), person{Name: "Emma"}, time.Minute)
		}, true},
		{"an older revision", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			was := read(t, people(w.Store), w.Store, h)
			committed(t, w.Store, true, people(w.Store).Set(h, person{Name: "Noor"}, time.Minute))
			return people(w.Store).Replace(h, was, person{Name: "Emma"}, time.Minute)
		}, false},
		{"absent, but it is there", func(_ *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			return people(w.Store).Replace(h, storage.Record[person]{}, person{Name: "Emma"}, time.Minute)
		}, false},
		{"there, but it is gone", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			was := read(t, people(w.Store), w.Store, h)
			w.Advance(time.Minute)
			return people(w.Store).Replace(h, was, person{Name: "Emma"}, time.Minute)
		}, false},
		{"set over the marker of what was spent", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			spend(t, w, h, 1)
			return people(w.Store).Set(h, person{Name: "Emma"}, time.Minute)
		}, false},
		{"set over the marker of what was replayed", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			spend(t, w, h, 2)
			return people(w.Store).Set(h, person{Name: "Emma"}, time.Minute)
		}, false},
		{"spend what was read", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			return people(w.Store).Spend(h, read(t, people(w.Store), w.Store, h), "", time.Minute)
		}, true},
		{"spend what somebody has changed since", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			was := read(t, people(w.Store), w.Store, h)
			committed(t, w.Store, true, people(w.Store).Set(h, person{Name: "Noor"}, time.Minute))
			return people(w.Store).Spend(h, was, "", time.Minute)
		}, false},
		{"spend what somebody has spent since", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			was := read(t, people(w.Store), w.Store, h)
			spend(t, w, h, 1)
			return people(w.Store).Spend(h, was, "", time.Minute)
		}, false},
		{"spend what has been replayed since", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			was := read(t, people(w.Store), w.Store, h)
			spend(t, w, h, 2)
			return people(w.Store).Spend(h, was, "", time.Minute)
		}, false},
		{"replay what was spent", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			spend(t, w, h, 1)
			return people(w.Store).Replay(h, read(t, people(w.Store), w.Store, h))
		}, true},
		{"replay what is not spent", func(t *testing.T, w *storagetest.World, h storage.Handle) storage.Write {
			t.Helper()
			return people(w.Store).Replay(h, read(t, people(w.Store), w.Store, h))
		}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, world := range worlds() {
				t.Run(world.name, func(t *testing.T) {
					w := world.start(t)
					h := put(t, w)
					others := storage.NewBucket[person](w.Store, "others")
					guard := row.guard(t, w, h)
					// Before and after the guard: its place does not matter.
					for _, order := range [][]int{{0, 1}, {1, 0}} {
						other := storage.NewSecret(h.ID())
						writes := []storage.Write{guard, others.Set(other, person{Name: "Milan"}, time.Minute)}
						committed(t, w.Store, row.want, writes[order[0]], writes[order[1]])
						if row.want {
							holds(t, others, other, "Milan")
							return
						}
						holds(t, others, other, "")
					}
				})
			}
		})
	}
}

func TestPutOverAMarker(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			used(t, w.Store, h, won)
			if err := b.Put(t.Context(), h, person{Name: "Lucas"}, time.Minute); err == nil {
				t.Error("Put revives what was taken")
			}
			holds(t, b, h, "")
		})
	}
}

// A lost reply costs a second command, nothing else.
func TestCommitWithLostReplies(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, s, h := people(w.Store), w.Store, put(t, w)
			others, other := storage.NewBucket[person](s, "others"), storage.NewSecret(h.ID())
			lease := s.NewLease("lease", h.ID())
			if err := s.Do(t.Context(), lease.Acquire(time.Minute)); err != nil {
				t.Fatal(err)
			}
			was := read(t, b, s, h)
			w.ResetRoundtrips()
			w.Faults().DropReply(1)
			w.Faults().DropReply(2)
			committed(t, s, true, b.Replace(h, was, person{Name: "Emma"}, time.Minute),
				others.Set(other, person{Name: "Milan"}, time.Minute), lease.Release(0))
			if got := w.Commands(); !slices.Equal(got, []string{"eval", "eval", "eval"}) {
				t.Errorf("sent %q", got)
			}
			holds(t, b, h, "Emma")
			holds(t, others, other, "Milan")
		})
	}
}

// between lets something happen after the commit was carried out and before it is
// sent again.
func between(t *testing.T, w *storagetest.World, commit func() (bool, error), happens func()) (ok bool, err error) {
	t.Helper()
	w.Faults().DropReply(1)
	reached, release := w.Faults().Hold(2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ok, err = commit()
	}()
	await(t, reached)
	happens()
	release()
	await(t, done)
	return ok, err
}

// A commit that is sent again does not revive what was spent meanwhile: a code stays
// used. One record as it was written proves that all were.
func TestRepeatedCommitRevivesNothing(t *testing.T) {
	for _, verb := range []string{"set", "replace"} {
		for _, world := range worlds() {
			t.Run(verb+"/"+world.name, func(t *testing.T) {
				w := world.start(t)
				s, b, login := w.Store, people(w.Store), put(t, w)
				codes, code := storage.NewBucket[person](s, "codes"), storage.NewSecret(login.ID())
				proof := b.Set(login, person{Name: "done"}, time.Minute)
				if verb == "replace" {
					proof = b.Replace(login, read(t, b, s, login), person{Name: "done"}, time.Minute)
				}
				ok, err := between(t, w, func() (bool, error) {
					return s.Commit(soon(t), proof, codes.Set(code, person{Name: "Lucas"}, time.Minute))
				}, func() {
					committed(t, w.Another(t), true, codes.Drop(login.ID())) // even if no marker were left
				})
				if !ok || err != nil {
					t.Errorf("Commit = %v, %v", ok, err)
				}
				holds(t, codes, code, "")
			})
		}
	}
}

// A session that a replay killed stays dead, though the commit that made it is sent
// again and finds its other records in place.
func TestRepeatedCommitAfterReplay(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			s, code := w.Store, put(t, w)
			sessions, session := storage.NewBucket[person](s, "sessions"), storage.NewSecret(code.ID())
			logs := storage.NewBucket[person](s, "logs")
			spends := people(s).Spend(code, read(t, people(s), s, code), "", time.Minute)
			ok, err := between(t, w, func() (bool, error) {
				return s.Commit(soon(t), spends,
					sessions.Set(session, person{Name: "Lucas"}, time.Minute), logs.Set(session, person{}, time.Minute))
			}, func() {
				got, err := use(t.Context(), w.Another(t), code, nil, []storage.Write{sessions.Drop(code.ID())})
				if got != replay || err != nil {
					t.Errorf("it is %s (%v)", got, err)
				}
			})
			if ok || err != nil {
				t.Errorf("Commit = %v, %v, want a failed guard", ok, err)
			}
			holds(t, sessions, session, "")
		})
	}
}

// Of two that change the same revision one wins, and the other is told.
func TestReplaceRace(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			h := put(t, w)
			stores := []*storage.Store{w.Store, w.Another(t)}
			was := read(t, people(w.Store), w.Store, h)
			var wg sync.WaitGroup
			wins := make(chan int, 10)
			for i := range cap(wins) {
				wg.Go(func() {
					s := stores[i%2]
					ok, err := s.Commit(soon(t), people(s).Replace(h, was, person{Name: "Emma", Count: i}, time.Minute))
					if err != nil {
						t.Error(err)
					}
					if ok {
						wins <- i
					}
				})
			}
			wg.Wait()
			close(wins)
			if len(wins) != 1 {
				t.Fatalf("%d winners", len(wins))
			}
			if got := read(t, people(w.Store), w.Store, h).Value.Count; got != <-wins {
				t.Errorf("the record is of %d", got)
			}
		})
	}
}

// Commit outlives an absence of Redis, and gives up with its context.
func TestCommitWhileRedisIsAway(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), storage.NewHandle()
			w.Faults().Down()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := b.Put(ctx, h, person{Name: "Lucas"}, time.Minute); !errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("Put: %v", err)
			}
			refused := w.Faults().Down()
			done := make(chan error, 1)
			go func() { done <- b.Put(soon(t), h, person{Name: "Lucas"}, time.Minute) }()
			await(t, refused) // at least once
			w.Faults().Up()
			if err := <-done; err != nil {
				t.Errorf("Put: %v", err)
			}
			holds(t, b, h, "Lucas")
		})
	}
}

// Commit repeats itself after 25 ms, doubling to 500 ms, and for 10 s where nobody
// says how long.
func TestCommitIsPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, at := time.Now(), []time.Duration{}
		s, err := storage.Open(storage.Options{
			Mode: "single", Addresses: []string{"redis:6379"},
			Dial: func(context.Context, string, string) (net.Conn, error) {
				at = append(at, time.Since(began))
				return nil, errors.New("nobody there")
			},
		}, storage.NewKeyring(storage.NewKey()))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Commit(t.Context(), people(s).Drop("ID")); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("Commit: %v", err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %v", took)
		}
		want := []int64{0, 25, 75, 175, 375, 775, 1275, 1775}
		for i, ms := range want {
			if len(at) <= i || at[i].Milliseconds() != ms {
				t.Fatalf("sent at %v, want %v ms", at[:min(len(at), len(want))], want)
			}
		}
	})
}
