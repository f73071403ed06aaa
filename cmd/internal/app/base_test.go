package app_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/app"
)

// base is a configuration with which nothing is wrong, for the world.
const base = `issuer: https://login.example.be
listen: 0.0.0.0:8443
trusted_proxies: [10.0.0.0/8]
redis:
  mode: single
  addresses: ["127.0.0.1:6379"]
master_key:
  current: ${MASTER_KEY}
subjects:
  salt: ${SALT}
  fingerprint: 76b2c85d07ca9801
itsme:
  url: production
  token: ${CM_TOKEN}
clients:
  - id: app
    name: The app
    home: https://www.example.be/
    secret: ${CLIENT_SECRET}
    redirect_uris: ["https://sso.example.be/callback"]
    scopes: [profile]
`

// The secrets of the tests. None may ever be in a message.
const (
	masterKey    = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	salt         = "a-salt-of-the-tests-that-is-random-enough-0123456789"
	cmToken      = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	clientSecret = "a-client-secret-that-nobody-will-ever-guess-98765"
	secretHash   = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	anotherHash  = "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
)

func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"MASTER_KEY": masterKey, "SALT": salt, "CM_TOKEN": cmToken, "CLIENT_SECRET": clientSecret,
	}[name]
	return value, ok
}

// change replaces what stands once in a text.
func change(t testing.TB, text, find, put string) string {
	t.Helper()
	if strings.Count(text, find) != 1 {
		t.Fatalf("%q stands %d times in the configuration", find, strings.Count(text, find))
	}
	return strings.Replace(text, find, put, 1)
}

// problems are those of a configuration, a line each, without "a.yaml:".
func problems(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	invalid, ok := errors.AsType[*app.InvalidError](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	for _, secret := range []string{masterKey, salt, cmToken, clientSecret} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("a secret is in the message: %v", err)
		}
	}
	var lines []string
	for _, p := range invalid.Problems {
		lines = append(lines, strings.TrimPrefix(p.String(), "a.yaml:"))
	}
	return strings.Join(lines, "\n")
}

// parse reads a configuration with which nothing may be wrong.
func parse(t testing.TB, text string) *app.Config {
	t.Helper()
	c, err := app.Parse("a.yaml", []byte(text), environment)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hashOf reads a secret_hash.
func hashOf(t testing.TB, text string) [32]byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.TrimPrefix(text, app.HashPrefix))
	if err != nil || len(raw) != 32 {
		t.Fatalf("%q is no hash", text)
	}
	return [32]byte(raw)
}
