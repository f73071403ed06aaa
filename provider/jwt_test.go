package provider_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/client"
)

// party is somebody who signs: a client, or somebody who would like to be one.
type party struct {
	kid     string
	private crypto.Signer
}

func newParty(t testing.TB, kid string) party {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return party{kid, key}
}

// public is the party's key, as it registers it.
func (p party) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: p.private.Public(), KeyID: p.kid, Algorithm: "ES256", Use: "sig"}
}

// keys registers the party's key with a client.
func (p party) keys() client.Keys {
	return client.Keys{Set: []jose.JSONWebKey{p.public()}}
}

// sign makes a compact JWS by ES256.
func (p party) sign(t testing.TB, typ string, claims map[string]any) string {
	t.Helper()
	return signedBy(t, jose.ES256, jose.JSONWebKey{Key: p.private, KeyID: p.kid},
		(&jose.SignerOptions{}).WithType(jose.ContentType(typ)), claims)
}

// compact makes a JWS by ES256 with exactly this header.
func (p party) compact(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	h, err1 := json.Marshal(header)
	c, err2 := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	input := encode(h) + "." + encode(c)
	sum := sha256.Sum256([]byte(input))
	r, s, err3 := ecdsa.Sign(rand.Reader, p.private.(*ecdsa.PrivateKey), sum[:])
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + encode(signature)
}

// signedBy makes a compact JWS with another kind of key.
func signedBy(t testing.TB, alg jose.SignatureAlgorithm, key any, o *jose.SignerOptions, claims map[string]any) string {
	t.Helper()
	signer, err1 := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	payload, err2 := json.Marshal(claims)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// unsigned makes a JWT with alg none (RFC 7519 §6).
func unsigned(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(payload) + "."
}

// payloadOf reads a JWT without checking it.
func payloadOf(t testing.TB, compact string) map[string]any {
	t.Helper()
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		t.Fatalf("no compact JWS: %q", compact)
	}
	decoded, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(decoded, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
