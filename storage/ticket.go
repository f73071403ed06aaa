package storage

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// A ticket is sealed data that travels outside of Redis: format version 1 ‖ key
// id 4 ‖ salt 16 ‖ AES-256-GCM. Key and nonce are derived for every ticket from
// its random salt, so that no number of tickets wears a key out.
const (
	ticketFormat = 1
	ticketSalt   = 16
	ticketHeader = 1 + keyIDSize + ticketSalt
	ticketNonce  = 12
)

// Seal makes a ticket that only Open with the same purpose opens, as base64url.
// It has no lifetime and can be used again: what it holds must say so itself.
func (k Keyring) Seal(purpose string, plain []byte) string {
	key := k.keys[0]
	out := make([]byte, ticketHeader, ticketHeader+len(plain)+tagSize)
	out[0] = ticketFormat
	copy(out[1:], key.id[:])
	_, _ = rand.Read(out[1+keyIDSize:]) // never fails
	aead, nonce := key.ticket(purpose, out)
	text := make([]byte, 0, 2048) // of a size that needs no heap, and that most tickets have room in
	return string(base64.RawURLEncoding.AppendEncode(text, aead.Seal(out, nonce, plain, out)))
}

// Open opens a ticket that any of the server's keys sealed for this purpose.
func (k Keyring) Open(purpose, sealed string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < ticketHeader+tagSize || raw[0] != ticketFormat || strings.ContainsAny(sealed, "\r\n") {
		return nil, false
	}
	header := raw[:ticketHeader]
	for _, key := range k.keys {
		if !bytes.Equal(key.id[:], header[1:1+keyIDSize]) {
			continue
		}
		aead, nonce := key.ticket(purpose, header)
		if plain, err := aead.Open(nil, nonce, raw[ticketHeader:], header); err == nil {
			return plain, true
		}
	}
	return nil, false
}

func (k *serverKey) ticket(purpose string, header []byte) (cipher.AEAD, []byte) {
	okm := k.derive(info(make([]byte, 0, shortInfo), labelTicket, purpose, string(header)))
	return newGCM(okm[:keySize]), okm[keySize : keySize+ticketNonce]
}

// newGCM is AES-256-GCM under a key of 32 bytes.
func newGCM(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("storage: " + err.Error()) // only for a key of another size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("storage: " + err.Error()) // only for another block size
	}
	return aead
}
