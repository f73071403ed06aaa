package storage_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

const (
	base32Letters = 32
	allBytes      = 256
)

// Nobody guesses a part of what nobody may guess, nor sees one part in another.
func TestWhatIsDrawnIsRandomInEveryPosition(t *testing.T) {
	ring, h := storage.NewKeyring(storage.NewKey()), storage.NewHandle()
	w := storagetest.New(t)
	for _, row := range []struct {
		name      string
		positions int
		letters   int
		draw      func() string
	}{
		{"a handle, both halves", 52, base32Letters, func() string { h := storage.NewHandle(); return h.ID() + h.Secret() }},
		{"a secret for an id", 26, base32Letters, func() string { return storage.NewSecret("id").Secret() }},
		{"a server's key", 32, allBytes, func() string { k := storage.NewKey(); return string(k[:]) }},
		{"the nonce of a record", 12, allBytes, func() string { return string(storage.Seal(ring, "people", h, nil)[21:33]) }},
		{"the salt of a ticket", 16, allBytes, func() string {
			raw, _ := base64.RawURLEncoding.DecodeString(ring.Seal("nonce", nil))
			return string(raw[5:21])
		}},
		{"the holder of a lease", 26, base32Letters, func() string {
			if err := w.Store.Do(t.Context(), w.Store.NewLease("lease", "id").Acquire(time.Minute)); err != nil {
				t.Fatal(err)
			}
			return string(empties(t, w)["test:lease:{id}"])
		}},
		{"the receipt and the origin of an item that is added", 52, base32Letters, func() string {
			add(t, w, letter("A", "Lucas"))
			dump := empties(t, w)
			return receipt(dump) + strings.Split(string(dump["test:queue-values:{outbox}"]), ".")[1]
		}},
		{"the receipt of an item that is claimed", 26, base32Letters, func() string {
			add(t, w, letter("A", "Lucas"))
			w.Redis().Del(t.Context(), "test:queue-receipt:"+receipt(w.Dump())+":{outbox}")
			claim(t, w, w.Store, "A Lucas")
			return receipt(empties(t, w))
		}},
	} {
		t.Run(row.name, func(t *testing.T) { storagetest.Varies(t, row.positions, row.letters, row.draw) })
	}
}

// empties takes everything out of Redis.
func empties(t *testing.T, w *storagetest.World) map[string][]byte {
	t.Helper()
	dump := w.Dump()
	if err := w.Redis().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return dump
}

// receipt finds the receipt of the outbox that Redis holds.
func receipt(dump map[string][]byte) string {
	for key := range dump {
		if text, ok := strings.CutPrefix(key, "test:queue-receipt:"); ok {
			return strings.TrimSuffix(text, ":{outbox}")
		}
	}
	return ""
}
