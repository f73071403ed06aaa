package remote_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/remote"
)

// key is a JWK, changed: a nil takes the member away.
func key(t testing.TB, value any, kid string, change map[string]any) string {
	t.Helper()
	encoded, err := jose.JSONWebKey{Key: value, KeyID: kid}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]any{}
	if err := json.Unmarshal(encoded, &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range change {
		members[name] = value
		if value == nil {
			delete(members, name)
		}
	}
	encoded, err = json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func set(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// ec is a set of fresh public keys with these names.
func ec(t testing.TB, kids ...string) string {
	t.Helper()
	keys := make([]string, len(kids))
	for i, kid := range kids {
		keys[i] = key(t, newEC(t).Public(), kid, nil)
	}
	return set(keys...)
}

func newEC(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

func newRSA(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

func names(keys []jose.JSONWebKey) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.KeyID
	}
	return names
}

func TestOnlyPublicSignatureKeysCount(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecPrivate, rsaPrivate := newEC(t), newRSA(t, 2048)
	for _, row := range []struct {
		name, key string
		want      bool
	}{
		{"EC", key(t, ecPrivate.Public(), "k", nil), true},
		{"RSA", key(t, rsaPrivate.Public(), "k", nil), true},
		{"Ed25519", key(t, public, "k", nil), true},
		{"for signatures", key(t, public, "k", map[string]any{"use": "sig"}), true},
		{"with what nobody knows", key(t, public, "k", map[string]any{"more": []int{1}}), true},
		{"for encryption", key(t, public, "k", map[string]any{"use": "enc"}), false},
		{"for something", key(t, public, "k", map[string]any{"use": "SIG"}), false},
		{"symmetric", key(t, []byte("s3cret"), "k", nil), false},
		{"private EC", key(t, ecPrivate, "k", nil), false},
		{"private RSA", key(t, rsaPrivate, "k", nil), false},
		{"private Ed25519", key(t, private, "k", nil), false},
		{"half private RSA", key(t, rsaPrivate, "k", map[string]any{"d": nil}), false},
		{"short RSA", key(t, newRSA(t, 1024).Public(), "k", nil), false},
		{"endless RSA", key(t, public, "k", map[string]any{"kty": "RSA", "e": "AQAB", "n": strings.Repeat("_", 4<<10)}), false},
		{"off the curve", key(t, ecPrivate.Public(), "k", map[string]any{"x": strings.Repeat("A", 43)}), false},
		{"another curve", key(t, ecPrivate.Public(), "k", map[string]any{"crv": "secp256k1"}), false},
		{"another type", key(t, public, "k", map[string]any{"kty": "XYZ"}), false},
		{"no type", key(t, public, "k", map[string]any{"kty": nil}), false},
		{"no object", `"k"`, false},
		{"nothing", `null`, false},
	} {
		keys, ok := remote.ParseKeySet([]byte(set(key(t, public, "before", nil), row.key, key(t, public, "after", nil))))
		want := []string{"before", "k", "after"}
		if !row.want {
			want = []string{"before", "after"}
		}
		if !ok || !slices.Equal(names(keys), want) {
			t.Errorf("%s: %v, %t", row.name, names(keys), ok)
		}
	}
}

func TestWhatIsAKeySet(t *testing.T) {
	one := key(t, newEC(t).Public(), "k", nil)
	for _, row := range []struct {
		name, document string
		want           int // keys; -1: no set
	}{
		{"empty", `{"keys":[]}`, 0},
		{"more members", `{"issuer":"x","keys":[` + one + `]}`, 1},
		{"the same name twice", set(one, one), 2},
		{"100 keys", set(slices.Repeat([]string{one}, 100)...), 100},
		{"101 keys", set(slices.Repeat([]string{one}, 101)...), -1},
		{"no keys", `{}`, -1},
		{"null", `{"keys":null}`, -1},
		{"keys twice", `{"keys":[],"keys":[` + one + `]}`, -1},
		{"other case", `{"Keys":[` + one + `]}`, -1},
		{"an object", `{"keys":{}}`, -1},
		{"one key", one, -1},
		{"a list", `[` + one + `]`, -1},
		{"two documents", set(one) + set(one), -1},
		{"a page", `<html>`, -1},
		{"nothing", ``, -1},
		{"cut", set(one)[:60], -1},
	} {
		keys, ok := remote.ParseKeySet([]byte(row.document))
		if ok != (row.want >= 0) || ok && len(keys) != row.want {
			t.Errorf("%s: %d keys, %t", row.name, len(keys), ok)
		}
	}
}

// Whatever a client publishes, nothing comes out of it but keys that check signatures.
func FuzzKeySet(f *testing.F) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(ec(f, "a", "b")))
	f.Add([]byte(set(key(f, newRSA(f, 2048).Public(), "r", map[string]any{"use": "sig", "x5c": []string{"AA=="}}))))
	f.Add([]byte(set(key(f, public, "e", nil), key(f, private, "p", nil), key(f, []byte("s3cret"), "o", nil))))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":""},{"kty":"AKP"},[],null]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		keys, ok := remote.ParseKeySet(document)
		if !ok && keys != nil || len(keys) > 100 {
			t.Errorf("%d keys, %t", len(keys), ok)
		}
		for _, key := range keys {
			if !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
				t.Errorf("a key of type %T for %q", key.Key, key.Use)
			}
		}
	})
}
