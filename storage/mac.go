package storage

import (
	"crypto/sha256"
	"encoding/base64"
)

// macSize is how many characters a MAC has.
const macSize = 43

// MAC proves that this server knows these parts, for this purpose: HMAC-SHA-256
// under a key of the purpose's own, as base64url. Every part
// counts with its length: "ab","c" and "a","bc" differ.
func (k Keyring) MAC(purpose string, parts ...string) string {
	return k.keys[0].mac(purpose, parts)
}

// VerifyMAC reports whether any of the server's keys made the MAC for this
// purpose and these parts. It compares in constant time.
func (k Keyring) VerifyMAC(mac, purpose string, parts ...string) bool {
	for _, key := range k.keys {
		if sameText(mac, key.mac(purpose, parts)) {
			return true
		}
	}
	return false
}

func (k *serverKey) mac(purpose string, parts []string) string {
	key := k.derive(info(make([]byte, 0, shortInfo), labelMAC, purpose))
	made := hmacOf(key[:sha256.Size], info(make([]byte, 0, shortInfo), "", parts...))
	var text [macSize]byte
	base64.RawURLEncoding.Encode(text[:], made[:])
	return string(text[:])
}
