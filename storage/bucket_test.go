package storage_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

func TestBucket(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			holds(t, b, h, "Lucas")
			holds(t, people(w.Another(t)), h, "Lucas")
			holds(t, b, storage.NewHandle(), "")
			holds(t, b, storage.NewSecret(h.ID()), "")
			holds(t, b, storage.HandleOf(h.ID(), ""), "")

			if err := b.Put(t.Context(), h, person{Name: "Emma"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			holds(t, b, h, "Emma")

			w.Advance(59 * time.Second)
			holds(t, b, h, "Emma")
			w.Advance(time.Second)
			holds(t, b, h, "")
		})
	}
}

func TestBucketWithoutSecret(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, open := people(w.Store), storage.HandleOf("LABEL", "")
			if err := b.Put(t.Context(), open, person{Name: "Lucas"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			holds(t, b, open, "Lucas")
			// HKDF takes a salt of zeros for no salt; we do not.
			holds(t, b, storage.HandleOf("LABEL", strings.Repeat("\x00", 32)), "")
			holds(t, b, storage.HandleOf("LABEL", "guess"), "")
		})
	}
}

func TestDelete(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			for _, wrong := range []storage.Handle{storage.NewSecret(h.ID()), storage.HandleOf(h.ID(), "")} {
				if err := b.Delete(t.Context(), wrong); err != nil {
					t.Fatal(err)
				}
				holds(t, b, h, "Lucas")
			}
			w.Faults().DropReply(1)
			if err := b.Delete(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Absent {
				t.Errorf("state = %v after Delete", got)
			}
		})
	}
}

func TestDeleteKeepsTheMarker(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			used(t, w.Store, h, won)
			if err := b.Delete(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			if got := stateOf(t, b, w.Store, h.ID()); got != storage.Spent {
				t.Errorf("state = %v, want Spent", got)
			}
		})
	}
}

// What Redis holds has the shape that operators write their ACLs and dashboards by.
func TestKeys(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			ctx, s, h := t.Context(), w.Store, storage.HandleOf("ID", "secret")
			lease, n := s.NewLease("lease", "ID"), int64(0)
			if _, err := s.Commit(ctx, people(s).Set(h, person{}, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if err := s.Do(ctx, lease.Acquire(time.Minute), s.Count("starts", "192.0.2.1", time.Minute, w.Now(), &n)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Cell("keys", time.Hour).Swap(ctx, "", []byte("{}")); err != nil {
				t.Fatal(err)
			}
			got := slices.Sorted(maps.Keys(w.Dump()))
			want := []string{"test:cell:{keys}", "test:lease:{ID}", "test:people:{ID}"}
			if i := slices.IndexFunc(got, func(k string) bool { return strings.HasPrefix(k, "test:starts:{") }); i < 0 {
				t.Errorf("no counter among %q", got)
			} else if got = slices.Delete(got, i, i+1); !slices.Equal(got, want) {
				t.Errorf("keys = %q, want %q", got, want)
			}
		})
	}
}

func TestBadRecords(t *testing.T) {
	whole := func(s []byte) []byte { return s }
	for _, row := range []struct {
		name   string
		change func(sealed []byte) []byte
		want   error
	}{
		{"as it was", whole, nil},
		{"empty", func([]byte) []byte { return nil }, nil},
		{"another format", func(s []byte) []byte { s[0] = 2; return s }, storage.ErrDamaged},
		{"another server key", func(s []byte) []byte { s[1] ^= 1; return s }, storage.ErrUnknownKey},
		{"another proof", func(s []byte) []byte { s[5] ^= 1; return s }, nil},
		{"another nonce", func(s []byte) []byte { s[21] ^= 1; return s }, storage.ErrDamaged},
		{"another text", func(s []byte) []byte { s[33] ^= 1; return s }, storage.ErrDamaged},
		{"another tag", func(s []byte) []byte { s[len(s)-1] ^= 1; return s }, storage.ErrDamaged},
		{"header alone", func(s []byte) []byte { return s[:33] }, storage.ErrDamaged},
		{"cut in the header", func(s []byte) []byte { return s[:20] }, storage.ErrDamaged},
		{"one byte", func(s []byte) []byte { return s[:1] }, storage.ErrDamaged},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, world := range worlds() {
				t.Run(world.name, func(t *testing.T) {
					w := world.start(t)
					b, h := people(w.Store), put(t, w)
					key := "test:people:{" + h.ID() + "}"
					w.Redis().Set(t.Context(), key, row.change(w.Dump()[key]), time.Minute)
					if _, ok, err := b.Get(t.Context(), h); !errors.Is(err, row.want) || ok != (row.name == "as it was") {
						t.Errorf("Get = %v, %v, want error %v", ok, err, row.want)
					}
				})
			}
		})
	}
}

// An error says what kind of thing failed, not what was in it.
func TestJSONErrorsQuoteNothing(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			h := storage.NewHandle()
			numbers := storage.NewBucket[map[string]float64](w.Store, "people")
			if err := numbers.Put(t.Context(), h, map[string]float64{"count": 3247123.5}, time.Minute); err != nil {
				t.Fatal(err)
			}
			_, _, err := people(w.Store).Get(t.Context(), h)
			if !errors.Is(err, storage.ErrDamaged) || strings.Contains(err.Error(), "3247123.5") {
				t.Errorf("Get: %v", err)
			}
			err = numbers.Put(t.Context(), h, map[string]float64{"name": math.Inf(1)}, time.Minute)
			if err == nil || strings.Contains(err.Error(), "Inf") {
				t.Errorf("Put: %v", err)
			}
		})
	}
}

func TestRefusedArguments(t *testing.T) {
	w := storagetest.New(t)
	ctx, s, b, n := t.Context(), w.Store, people(w.Store), int64(0)
	ok := storage.NewHandle()
	var record storage.Record[person]
	var state storage.State
	kept := put(t, w)
	found := read(t, b, s, kept)
	w.ResetRoundtrips()
	commit := func(writes ...storage.Write) error {
		_, err := s.Commit(ctx, writes...)
		return err
	}
	swap := func(name string, ttl time.Duration) error {
		_, err := s.Cell(name, ttl).Swap(ctx, "", nil)
		return err
	}
	for _, id := range []string{"", "a}b", "{a"} {
		h := storage.HandleOf(id, "secret")
		for name, err := range map[string]error{
			"read":    s.Do(ctx, b.Read(h, &record)),
			"state":   s.Do(ctx, b.State(id, &state)),
			"put":     b.Put(ctx, h, person{}, time.Minute),
			"delete":  b.Delete(ctx, h),
			"drop":    commit(b.Drop(id)),
			"acquire": s.Do(ctx, s.NewLease("lease", id).Acquire(time.Minute)),
			"swap":    swap(id, time.Minute),
		} {
			if err == nil {
				t.Errorf("%s takes the id %q", name, id)
			}
		}
	}
	for name, err := range map[string]error{
		"put":                        b.Put(ctx, ok, person{}, 0),
		"spend without a lifetime":   commit(b.Spend(kept, found, "", 0)),
		"spend what was not read":    commit(b.Spend(kept, record, "", time.Minute)),
		"replay of what nobody read": commit(b.Replay(kept, record)),
		"acquire":                    s.Do(ctx, s.NewLease("lease", "a").Acquire(0)),
		"count":                      s.Do(ctx, s.Count("starts", "a", 0, w.Now(), &n)),
		"swap":                       swap("keys", 0),
		"two ids":                    commit(b.Drop("a"), b.Drop("b")),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, _, _, err := s.Cell("keys", 0).Load(ctx); err == nil {
		t.Error("a cell without lifetime is accepted")
	}
	if got := w.Roundtrips(); got != 0 {
		t.Errorf("%d round trips for what cannot be", got)
	}
}

// A record is as long as what it says: an address costs a byte for each of its characters.
func TestARecordHoldsNothingButItsValue(t *testing.T) {
	w := storagetest.New(t)
	b, h := people(w.Store), storage.NewHandle()
	const address = "https://e.example/?a=1&b=<2>&c=3"
	if err := b.Put(t.Context(), h, person{Name: address}, time.Minute); err != nil {
		t.Fatal(err)
	}
	holds(t, b, h, address)
	raw, err := w.Redis().Get(t.Context(), w.Redis().Keys(t.Context(), "*").Val()[0]).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	plain, ok, err := storage.Unseal(w.Store.Keyring(), "people", h, raw)
	if want := `{"name":"` + address + `"}`; err != nil || !ok || string(plain) != want {
		t.Errorf("%s (%t, %v), want %s", plain, ok, err, want)
	}
}
