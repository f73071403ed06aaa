package signed_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/signed"
)

const (
	client   = "app"
	issuer   = "https://op.example"
	endpoint = "https://op.example/token"
)

var now = time.Unix(1_800_000_000, 0)

// members is a JSON object: a header, or claims. Its values are encoded, except json.RawMessage.
type members map[string]any

// with is a copy with changes; nil takes a member away.
func (m members) with(changes members) members {
	out := maps.Clone(m)
	for name, value := range changes {
		out[name] = value
		if value == nil {
			delete(out, name)
		}
	}
	return out
}

func (m members) json(t testing.TB) []byte {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Keys are made once: RSA takes its time.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	weakKey  = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2047)) })
	ecKey    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	otherKey = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key  = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	edKey    = sync.OnceValue(func() ed25519.PrivateKey { _, key, err := ed25519.GenerateKey(rand.Reader); return must(key, err) })
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// compact signs what is given, however wrong it is. It shares nothing with what is tested.
func compact(t testing.TB, alg string, key any, header, payload []byte) string {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(input))
	var signature []byte
	switch alg {
	case "RS256":
		signature = must(rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:]))
	case "PS256":
		signature = must(rsa.SignPSS(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:], nil))
	case "ES256":
		private := key.(*ecdsa.PrivateKey)
		size := (private.Curve.Params().BitSize + 7) / 8
		r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		signature = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	case "EdDSA":
		signature = ed25519.Sign(key.(ed25519.PrivateKey), []byte(input))
	case "HS256":
		mac := hmac.New(sha256.New, key.([]byte))
		mac.Write([]byte(input))
		signature = mac.Sum(nil)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// public is a JWK as a client publishes it.
func public(key crypto.Signer) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key.Public(), KeyID: "k1", Use: "sig"}
}

// refused holds an error to the rules for errors: an *Error, the description that is wanted, nothing that the world
// must not get (RFC 6749 §5.2), and no word of the token.
func refused(t testing.TB, name string, err error, want string) {
	t.Helper()
	var e *signed.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: %v", name, err)
		return
	}
	if e.Description != want {
		t.Errorf("%s: %q, want %q", name, e.Description, want)
	}
	fitting(t, e)
}

func fitting(t testing.TB, e *signed.Error) {
	t.Helper()
	if strings.ContainsFunc(e.Description, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		t.Errorf("not for the world: %q", e.Description)
	}
	if !strings.HasPrefix(e.Error(), e.Description) || strings.Contains(e.Error(), hostile) {
		t.Errorf("not for the log: %q", e.Error())
	}
}

// hostile is what no error may repeat.
const hostile = "hostile"

// repeated is an object in which a member is there a second time.
func repeated(object []byte, name string) []byte {
	return bytes.Replace(object, []byte("{"), []byte(`{"`+name+`":"`+hostile+`",`), 1)
}
