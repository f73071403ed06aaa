package storage_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// However it is printed, alone or inside of something, a secret does not show.
func TestSecretsDoNotPrint(t *testing.T) {
	key := storage.NewKey()
	ring, h := storage.NewKeyring(key, storage.NewKey()), storage.NewHandle()
	words := []string{
		h.Secret(), hex.EncodeToString([]byte(h.Secret())), key.Text(), string(key[:]), hex.EncodeToString(key[:]),
		strings.Trim(fmt.Sprint([32]byte(key)), "[]"), strings.Trim(strings.ReplaceAll(fmt.Sprint([32]byte(key)), " ", ","), "[]"),
	}
	for name, value := range map[string]any{
		"key": key, "keyring": ring, "handle": h,
		"*key": &key, "*keyring": &ring, "*handle": &h,
		"exported": struct{ A, B, C any }{key, ring, h},
		"unexported": struct {
			ring storage.Keyring
			h    storage.Handle
		}{ring, h},
		"list": []any{key, ring, h},
	} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", slog.Any("value", value))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", slog.Any("value", value))
		written, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out.Write(written)
		for _, word := range words {
			if strings.Contains(out.String(), word) {
				t.Errorf("%s prints a secret:\n%s", name, out.String())
			}
		}
	}
	said := []string{
		key.String(), key.GoString(), key.LogValue().String(), ring.String(), ring.GoString(), ring.LogValue().String(),
		h.String(), h.GoString(), h.LogValue().String(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		said = append(said, fmt.Sprintf(verb, key), fmt.Sprintf(verb, ring), fmt.Sprintf(verb, h))
	}
	for i, word := range said {
		if word != "[secret]" {
			t.Errorf("%d: says %q", i, word)
		}
	}
}

// Errors name the operation and the kind, no id, secret, value or password.
func TestErrorsAreSilent(t *testing.T) {
	w := storagetest.New(t)
	b, h := people(w.Store), put(t, w)
	sealed := w.Dump()["test:people:{"+h.ID()+"}"]
	w.Redis().Set(t.Context(), "test:people:{"+h.ID()+"}", append(sealed, 'x'), time.Minute)
	_, _, damaged := b.Get(t.Context(), h)
	w.Faults().Down()
	_, _, away := b.Get(t.Context(), h)
	deleted := b.Delete(t.Context(), h)
	for _, err := range []error{damaged, away, deleted} {
		if err == nil {
			t.Fatal("no error")
		}
		for _, word := range []string{h.ID(), h.Secret(), "Lucas"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("the error %q shows %q", err, word)
			}
		}
	}
}

// Redis repeats the arguments of a command that it does not know. While a connection
// is made, that is the password.
func TestErrorsOfRedisAreCut(t *testing.T) {
	w := storagetest.Real(t)
	err := w.Redis().Do(t.Context(), "HELO", "3", "AUTH", "user", "hunter2").Err()
	if err == nil || !strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("Redis says only: %v", err)
	}
	cut := storage.Unavailable("ping", err)
	if strings.Contains(cut.Error(), "hunter2") || !strings.Contains(cut.Error(), "unknown command") || !errors.Is(cut, storage.ErrUnavailable) {
		t.Errorf("we say: %v", cut)
	}
}
