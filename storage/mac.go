package storage

import (
	"crypto/sha256"
	"encoding/base64"
)

// MAC proves that this server knows these parts, for this purpose: HMAC-SHA-256
// under a key of the purpose's own, as base64url (43 characters). Every part
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
	key := k.derive(info(labelMAC, purpose))
	made := hmacOf(key[:sha256.Size], []byte(info("", parts...)))
	return base64.RawURLEncoding.EncodeToString(made[:])
}
