package storage_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"itsme-bridge/storage"
)

// What opens a record, and what does not. Each row changes one thing.
func TestSealing(t *testing.T) {
	key, other := storage.NewKey(), storage.NewKey()
	const id, secret = "ID", "right secret"
	for _, row := range []struct {
		name   string
		ring   storage.Keyring
		bucket string
		handle storage.Handle
		opens  bool
		err    error
	}{
		{"the same", storage.NewKeyring(key), "people", storage.HandleOf(id, secret), true, nil},
		{"an accepted old key", storage.NewKeyring(other, key), "people", storage.HandleOf(id, secret), true, nil},
		{"wrong secret", storage.NewKeyring(key), "people", storage.HandleOf(id, "wrong secret"), false, nil},
		{"no secret", storage.NewKeyring(key), "people", storage.HandleOf(id, ""), false, nil},
		{"another server key", storage.NewKeyring(other), "people", storage.HandleOf(id, secret), false, storage.ErrUnknownKey},
		{"moved to another id", storage.NewKeyring(key), "people", storage.HandleOf("OTHER", secret), false, nil},
		{"moved to another bucket", storage.NewKeyring(key), "robots", storage.HandleOf(id, secret), false, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, world := range worlds() {
				t.Run(world.name, func(t *testing.T) {
					w := world.start(t)
					from := storage.NewBucket[person](w.With(t, storage.NewKeyring(key)), "people")
					if err := from.Put(t.Context(), storage.HandleOf(id, secret), person{Name: "Lucas"}, time.Minute); err != nil {
						t.Fatal(err)
					}
					sealed := w.Dump()["test:people:{ID}"]
					w.Redis().Set(t.Context(), "test:"+row.bucket+":{"+row.handle.ID()+"}", sealed, time.Minute)

					to := storage.NewBucket[person](w.With(t, row.ring), row.bucket)
					got, ok, err := to.Get(t.Context(), row.handle)
					if ok != row.opens || (got.Name == "Lucas") != row.opens || !errors.Is(err, row.err) {
						t.Errorf("Get = %v, %v", ok, err)
					}
				})
			}
		})
	}
}

// Bucket and id are part of what is sealed, not only of what derives the key: here
// everything but the associated data fits.
func TestAssociatedData(t *testing.T) {
	ring, h := storage.NewKeyring(storage.NewKey()), storage.HandleOf("ID", "secret")
	sealed := storage.Seal(ring, "people", h, []byte("Lucas"))
	for _, row := range []struct {
		name, bucket, id string
		opens            bool
	}{
		{"the same", "people", "ID", true},
		{"another id", "people", "ID2", false},
		{"another bucket", "peopl", "ID", false},
		{"the same letters", "people"[:5], "eID", false},
	} {
		plain, err := storage.OpenBound(ring, "people", h, row.bucket, row.id, sealed)
		if (err == nil) != row.opens || bytes.Equal(plain, []byte("Lucas")) != row.opens {
			t.Errorf("%s: %q, %v", row.name, plain, err)
		}
	}
}

// Who has all of Redis and the server's key, but no secret, has nothing.
func TestDumpOpensNothing(t *testing.T) {
	for _, world := range worlds() {
		t.Run(world.name, func(t *testing.T) {
			w := world.start(t)
			b, h := people(w.Store), put(t, w)
			taken := put(t, w)
			used(t, w.Store, taken, won)
			dump := w.Dump()
			if len(dump) != 2 {
				t.Fatalf("%d keys, want 2", len(dump))
			}
			for key, value := range dump {
				for _, word := range []string{"Lucas", h.Secret(), taken.Secret()} {
					if bytes.Contains(value, []byte(word)) || bytes.Contains([]byte(key), []byte(word)) {
						t.Errorf("%s shows %q", key, word)
					}
				}
				// The header is no secret either.
				for _, guess := range []string{"", string(value), string(value[5:21]), string(value[1:21]), h.ID()} {
					holds(t, b, storage.HandleOf(h.ID(), guess), "")
				}
			}
			holds(t, b, h, "Lucas")
		})
	}
}

// Every sealing is another one, so that a revision is never drawn twice.
func TestSealingsDiffer(t *testing.T) {
	ring, h := storage.NewKeyring(storage.NewKey()), storage.NewHandle()
	a, b := storage.Seal(ring, "people", h, []byte("Lucas")), storage.Seal(ring, "people", h, []byte("Lucas"))
	if bytes.Equal(a[:33], b[:33]) {
		t.Error("two sealings carry the same header")
	}
	if !bytes.Equal(a[:21], b[:21]) {
		t.Error("key id and proof of one handle differ")
	}
}

func FuzzOpen(f *testing.F) {
	ring := storage.NewKeyring(storage.NewKey(), storage.NewKey())
	h := storage.NewHandle()
	good := storage.Seal(ring, "people", h, []byte("Lucas"))
	f.Add(good)
	f.Add(good[:33])
	f.Add(good[:21])
	f.Add([]byte{0x81})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		plain, ok, err := storage.Unseal(ring, "people", h, raw)
		if ok && !bytes.Equal(raw, good) {
			t.Errorf("opened %x", raw)
		}
		if (ok && err != nil) || (!ok && plain != nil) {
			t.Errorf("%q, %v, %v", plain, ok, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	ring, h, plain := storage.NewKeyring(storage.NewKey()), storage.NewHandle(), make([]byte, 1024)
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		storage.Seal(ring, "people", h, plain)
	}
}

func BenchmarkOpen(b *testing.B) {
	ring, h, plain := storage.NewKeyring(storage.NewKey()), storage.NewHandle(), make([]byte, 1024)
	sealed := storage.Seal(ring, "people", h, plain)
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := storage.Unseal(ring, "people", h, sealed); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
