package storage_test

import (
	"strings"
	"testing"

	"itsme-bridge/storage"
)

func TestHandles(t *testing.T) {
	h := storage.NewHandle()
	if len(h.ID()) != 26 || len(h.Secret()) != 26 || h.Text() != h.ID()+"."+h.Secret() || h.ID() == h.Secret() {
		t.Errorf("NewHandle = %q, %q", h.ID(), h.Secret())
	}
	if other := storage.NewSecret(h.ID()); other.ID() != h.ID() || other.Secret() == h.Secret() || len(other.Secret()) != 26 {
		t.Errorf("NewSecret = %q, %q", other.ID(), other.Secret())
	}
	if other := storage.HandleOf("a", "b"); other.ID() != "a" || other.Secret() != "b" {
		t.Errorf("HandleOf = %q, %q", other.ID(), other.Secret())
	}
	var none storage.Handle
	if none != (storage.Handle{}) || none.Secret() != "" || h == none {
		t.Error("the zero Handle is not one")
	}
}

func TestParseHandle(t *testing.T) {
	id, secret := strings.Repeat("AB2Z7", 6)[:26], strings.Repeat("QRST3", 6)[:26]
	for _, row := range []struct {
		name, text string
		ok         bool
	}{
		{"whole", id + "." + secret, true},
		{"empty", "", false},
		{"a dot", ".", false},
		{"no secret", id + ".", false},
		{"no id", "." + secret, false},
		{"no dot", id + secret, false},
		{"three parts", id + "." + secret + "." + secret, false},
		{"longer secret", id + "." + secret + "A", false},
		{"shorter secret", id + "." + secret[1:], false},
		{"longer id", id + "A." + secret, false},
		{"small letters", strings.ToLower(id) + "." + secret, false},
		{"a digit that base32 lacks", id + ".1" + secret[1:], false},
		{"in the middle, too", id[:5] + "}" + id[6:] + "." + secret, false},
		{"padding", id + "." + secret[1:] + "=", false},
		{"space", id + "." + secret[1:] + " ", false},
		{"line break", id + "." + secret + "\n", false},
		{"zero byte", id[1:] + "\x00." + secret, false},
		{"letters of other scripts", id + "." + strings.Repeat("Ａ", 26), false},
	} {
		h, ok := storage.ParseHandle(row.text)
		if ok != row.ok || (h != storage.Handle{}) != row.ok {
			t.Errorf("%s: %v", row.name, ok)
		}
		if ok && (h.ID() != id || h.Secret() != secret || h.Text() != row.text) {
			t.Errorf("%s: %q, %q", row.name, h.ID(), h.Secret())
		}
	}
}

func FuzzParseHandle(f *testing.F) {
	f.Add(storage.NewHandle().Text())
	f.Add("")
	f.Add(strings.Repeat(".", 53))
	f.Fuzz(func(t *testing.T, text string) {
		h, ok := storage.ParseHandle(text)
		if ok != (h != storage.Handle{}) {
			t.Fatalf("%q: %v, but %q", text, ok, h.Text())
		}
		if ok && (h.Text() != text || len(text) != 53 || strings.ContainsAny(h.ID(), "{}:. ")) {
			t.Fatalf("%q became %q", text, h.Text())
		}
	})
}
