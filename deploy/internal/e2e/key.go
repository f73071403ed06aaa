//go:build products

package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Key is a product's own, with which it authenticates by private_key_jwt.
type Key struct {
	File string // the JWK Set of its public half

	private jose.JSONWebKey
}

// NewKey makes a key.
func NewKey(t testing.TB) *Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	k := &Key{filepath.Join(t.TempDir(), "jwks.json"), jose.JSONWebKey{Key: private, KeyID: "its", Algorithm: "RS256", Use: "sig"}}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.private.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(k.File, public, 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// assertion says for a minute who the client is (RFC 7523 §3).
func (k *Key) assertion(t testing.TB, clientID, audience string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: k.private}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: clientID, Subject: clientID, Audience: jwt.Audience{audience}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(time.Now()), Expiry: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
