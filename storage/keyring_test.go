package storage_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/storage"
)

func TestKeyIDs(t *testing.T) {
	a, b := storage.NewKey(), storage.NewKey()
	ring := storage.NewKeyring(a, b, a, b)
	sum := sha256.Sum256(append([]byte("itsme-bridge key id 1"), a[:]...))
	if want := hex.EncodeToString(sum[:4]); ring.Current() != want {
		t.Errorf("Current = %s, want %s", ring.Current(), want)
	}
	if want := []string{ring.Current(), storage.NewKeyring(b).Current()}; !slices.Equal(ring.IDs(), want) {
		t.Errorf("IDs = %q, want %q", ring.IDs(), want)
	}
}

func TestMAC(t *testing.T) {
	key, other := storage.NewKey(), storage.NewKey()
	made := storage.NewKeyring(key).MAC("return", "login", "1", "digest")
	if len(made) != 43 {
		t.Errorf("%d characters, want 43", len(made))
	}
	for _, row := range []struct {
		name, mac string
		ring      storage.Keyring
		purpose   string
		parts     []string
		ok        bool
	}{
		{"the same", made, storage.NewKeyring(key), "return", []string{"login", "1", "digest"}, true},
		{"an accepted old key", made, storage.NewKeyring(other, key), "return", []string{"login", "1", "digest"}, true},
		{"another key", made, storage.NewKeyring(other), "return", []string{"login", "1", "digest"}, false},
		{"another purpose", made, storage.NewKeyring(key), "form", []string{"login", "1", "digest"}, false},
		{"another attempt", made, storage.NewKeyring(key), "return", []string{"login", "2", "digest"}, false},
		{"cut elsewhere", made, storage.NewKeyring(key), "return", []string{"login1", "", "digest"}, false},
		{"a part less", made, storage.NewKeyring(key), "return", []string{"login", "1"}, false},
		{"a part more", made, storage.NewKeyring(key), "return", []string{"login", "1", "digest", ""}, false},
		{"shorter", made[:42], storage.NewKeyring(key), "return", []string{"login", "1", "digest"}, false},
		{"empty", "", storage.NewKeyring(key), "return", []string{"login", "1", "digest"}, false},
		{"line break", made + "\n", storage.NewKeyring(key), "return", []string{"login", "1", "digest"}, false},
		{"not base64", strings.Repeat("?", 43), storage.NewKeyring(key), "return", []string{"login", "1", "digest"}, false},
	} {
		if got := row.ring.VerifyMAC(row.mac, row.purpose, row.parts...); got != row.ok {
			t.Errorf("%s: %v, want %v", row.name, got, row.ok)
		}
	}
	if storage.NewKeyring(other, key).MAC("return", "login") == storage.NewKeyring(key).MAC("return", "login") {
		t.Error("it is not the current key that makes a MAC")
	}
}

func TestTicket(t *testing.T) {
	key, other := storage.NewKey(), storage.NewKey()
	made := storage.NewKeyring(key).Seal("form", []byte("Lucas"))
	// Key and nonce come from the salt: what is sealed never looks the same again.
	if again := storage.NewKeyring(key).Seal("form", []byte("Lucas")); again[28:33] == made[28:33] {
		t.Errorf("two tickets are the same: %s, %s", again, made)
	}
	flip := func(i int) string {
		b := []byte(made)
		if b[i] = 'A'; made[i] == 'A' {
			b[i] = 'B'
		}
		return string(b)
	}
	for _, row := range []struct {
		name    string
		ring    storage.Keyring
		purpose string
		sealed  string
		ok      bool
	}{
		{"the same", storage.NewKeyring(key), "form", made, true},
		{"an accepted old key", storage.NewKeyring(other, key), "form", made, true},
		{"another key", storage.NewKeyring(other), "form", made, false},
		{"another purpose", storage.NewKeyring(key), "farm", made, false},
		{"empty", storage.NewKeyring(key), "form", "", false},
		{"cut", storage.NewKeyring(key), "form", made[:len(made)-4], false},
		{"much cut", storage.NewKeyring(key), "form", made[:20], false},
		{"line break", storage.NewKeyring(key), "form", made + "\n", false},
		{"another format", storage.NewKeyring(key), "form", flip(0), false},
		{"another key id", storage.NewKeyring(key), "form", flip(3), false},
		{"another salt", storage.NewKeyring(key), "form", flip(12), false},
		{"another text", storage.NewKeyring(key), "form", flip(30), false},
	} {
		plain, ok := row.ring.Open(row.purpose, row.sealed)
		if ok != row.ok || (string(plain) == "Lucas") != row.ok {
			t.Errorf("%s: %q, %v", row.name, plain, ok)
		}
	}
	if plain, ok := storage.NewKeyring(key).Open("form", storage.NewKeyring(key).Seal("form", nil)); !ok || len(plain) != 0 {
		t.Errorf("an empty ticket: %q, %v", plain, ok)
	}
}

func FuzzTicket(f *testing.F) {
	ring := storage.NewKeyring(storage.NewKey(), storage.NewKey())
	good := ring.Seal("form", []byte("Lucas"))
	f.Add(good)
	f.Add("")
	f.Add(good[:30])
	f.Fuzz(func(t *testing.T, sealed string) {
		if plain, ok := ring.Open("form", sealed); ok && sealed != good {
			t.Errorf("opened %q: %q", sealed, plain)
		}
	})
}

func BenchmarkMAC(b *testing.B) {
	ring := storage.NewKeyring(storage.NewKey())
	b.ReportAllocs()
	for b.Loop() {
		ring.MAC("return", "login", "1", "digest")
	}
}
