package config_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
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

// Two hashes of secrets.
const (
	secretHash  = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	anotherHash = "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
)

// parse reads a configuration with which nothing may be wrong.
func parse(t testing.TB, text string) *config.Config {
	t.Helper()
	c, err := config.Parse("a.yaml", []byte(text), Environment)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hashOf reads a secret_hash.
func hashOf(t testing.TB, text string) [32]byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.TrimPrefix(text, config.HashPrefix))
	if err != nil || len(raw) != 32 {
		t.Fatalf("%q is no hash", text)
	}
	return [32]byte(raw)
}
