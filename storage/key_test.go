package storage_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"itsme-bridge/storage"
)

func TestParseKey(t *testing.T) {
	// Bytes that the two base64 alphabets write differently.
	raw := []byte(strings.Repeat("\xfb\xff\xbf\x00", 8))
	std, url := base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw)
	for _, row := range []struct {
		name, text string
		ok         bool
	}{
		{"base64", std, true},
		{"base64 without padding", strings.TrimSuffix(std, "="), true},
		{"base64url", url, true},
		{"base64url without padding", strings.TrimSuffix(url, "="), true},
		{"hex", hex.EncodeToString(raw), true},
		{"capital hex", strings.ToUpper(hex.EncodeToString(raw)), true},
		{"empty", "", false},
		{"line break at the end", std + "\n", false},
		{"line break for the padding", strings.TrimSuffix(std, "=") + "\n", false},
		{"space before", " " + strings.TrimSuffix(std, "="), false},
		{"both alphabets", "-" + strings.TrimSuffix(std, "=")[1:], false},
		{"padding twice", std + "=", false},
		{"bits beyond the end", std[:42] + "B=", false},
		{"31 bytes", base64.StdEncoding.EncodeToString(raw[:31]), false},
		{"33 bytes", base64.StdEncoding.EncodeToString(append(raw[:32:32], 1)), false},
		{"31 bytes in hex", hex.EncodeToString(raw[:31]), false},
		{"64 letters that are not hex", strings.Repeat("g", 64), false},
		{"words", "correct horse battery staple, thirty-two", false},
	} {
		key, err := storage.ParseKey(row.text)
		if (err == nil) != row.ok || (string(key[:]) == string(raw)) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
		if err != nil && row.text != "" && strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: the error repeats the key: %v", row.name, err)
		}
	}
}

func TestNewKey(t *testing.T) {
	a, b := storage.NewKey(), storage.NewKey()
	if a == b || a == (storage.Key{}) {
		t.Error("keys are not drawn")
	}
	if again, err := storage.ParseKey(a.Text()); err != nil || again != a {
		t.Errorf("a key's text does not parse: %v", err)
	}
}
