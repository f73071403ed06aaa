package storage

import (
	"crypto/sha256"
	"crypto/subtle"
)

// HKDF-SHA-256 (RFC 5869) over HMAC (RFC 2104), as crypto/hkdf and crypto/hmac have
// it. A login derives some forty keys from inputs of a few dozen bytes; theirs
// put nine objects each on the heap, and these put none. A test holds them to
// each other.

// sum is what HMAC-SHA-256 makes.
type sum = [sha256.Size]byte

// shortInfo is how long a message of HMAC can be without reaching the heap.
const shortInfo = 256

// HMAC is HMAC-SHA-256 of a message under a key of the caller's own; what the server's keys prove is [Keyring.MAC].
func HMAC(key, message []byte) [sha256.Size]byte { return hmacOf(key, message) }

// hmacOf is HMAC-SHA-256 of the parts, one behind the other.
func hmacOf(key []byte, parts ...[]byte) sum {
	var short sum
	if len(key) > sha256.BlockSize {
		short = sha256.Sum256(key)
		key = short[:]
	}
	var inner, outer [sha256.BlockSize]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	message := append(make([]byte, 0, sha256.BlockSize+shortInfo), inner[:]...)
	for _, p := range parts {
		message = append(message, p...)
	}
	digest := sha256.Sum256(message)
	last := append(make([]byte, 0, sha256.BlockSize+sha256.Size), outer[:]...)
	return sha256.Sum256(append(last, digest[:]...))
}

// extract is HKDF-Extract.
func extract(secret, salt []byte) sum { return hmacOf(salt, secret) }

// expandedSize is how many bytes every use takes of HKDF-Expand at most.
const expandedSize = 2 * sha256.Size

// expand is the first two blocks of HKDF-Expand: a shorter output is its beginning.
func expand(prk *sum, info []byte) (out [expandedSize]byte) {
	first := hmacOf(prk[:], info, []byte{1})
	second := hmacOf(prk[:], first[:], info, []byte{2})
	copy(out[:], first[:])
	copy(out[sha256.Size:], second[:])
	return out
}

// sameText compares in constant time.
func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
