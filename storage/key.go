package storage

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
)

// Key is a server's (master) key: 32 random bytes. It never prints itself; see Text.
type Key [32]byte

// errKey says what a key looks like, and nothing of what was given.
var errKey = errors.New("storage: a key is exactly 32 bytes, as base64 or as 64 hex digits")

// NewKey draws a key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// ParseKey reads a key: exactly 32 bytes as base64 (standard or URL alphabet,
// padded or not) or as 64 hex digits, and nothing around them. Its error does
// not repeat the text.
func ParseKey(text string) (Key, error) {
	raw, err := decode(text)
	if err != nil || len(raw) != len(Key{}) {
		return Key{}, errKey
	}
	return Key(raw), nil
}

func decode(text string) ([]byte, error) {
	if len(text) == hex.EncodedLen(len(Key{})) {
		return hex.DecodeString(text)
	}
	if strings.ContainsAny(text, "\r\n") { // which the base64 decoder would skip
		return nil, errKey
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	if len(text) == base64.StdEncoding.EncodedLen(len(Key{})) {
		text = strings.TrimSuffix(text, "=")
	}
	return encoding.Strict().DecodeString(text)
}

// Text is the key itself as unpadded base64url, for the one who asked for a new one.
func (k Key) Text() string { return base64.RawURLEncoding.EncodeToString(k[:]) }
