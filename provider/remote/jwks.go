package remote

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// The bounds of a key set. Bits are of an RSA modulus (RFC 7518 §3.3); go-jose bounds it from above.
const (
	maxKeySet = 64 << 10 // bytes
	maxKeys   = 100
	minBits   = 2048
)

// parseKeySet reads a JWK Set (RFC 7517 §5). Keys that we have no use for are
// left out, as §5 wants; a set may well be empty, and that is how a client
// revokes all that it had. What is wrong with one, nobody is told: go-jose might quote it.
func parseKeySet(document []byte) ([]jose.JSONWebKey, bool) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil || set.Keys == nil || len(set.Keys) > maxKeys {
		return nil, false
	}
	keys := make([]jose.JSONWebKey, 0, len(set.Keys))
	for _, raw := range set.Keys {
		if key, ok := parseKey(raw); ok {
			keys = append(keys, key)
		}
	}
	return keys, true
}

// parseKey reads one key, unless it has a secret part: what everybody can fetch
// is nobody's secret any more, and go-jose overlooks half of one.
func parseKey(raw []byte) (jose.JSONWebKey, bool) {
	var members map[string]json.RawMessage
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &members) != nil || json.Unmarshal(raw, &key) != nil {
		return jose.JSONWebKey{}, false
	}
	for _, secret := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		if _, ok := members[secret]; ok {
			return jose.JSONWebKey{}, false
		}
	}
	return key, useful(key)
}

// useful reports whether a key can check signatures, and may.
func useful(key jose.JSONWebKey) bool {
	if key.Use != "" && key.Use != "sig" {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= minBits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	default:
		return false
	}
}
