package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Each use of a server key begins with a label of its own, so that no two uses
// ever derive the same bytes.
const (
	labelKeyID  = "itsme-bridge key id 1"
	labelRecord = "itsme-bridge record 1"
	labelServer = "itsme-bridge record without secret 1"
	labelMAC    = "itsme-bridge mac 1"
	labelTicket = "itsme-bridge ticket 1"
)

// keyIDSize is how many bytes name a key in a header. Two keys of one ring with
// the same id (1 in 2^32) do not hurt: proofs are compared under each of them.
const keyIDSize = 4

// Keyring is the server's keys. The current one seals, every one opens. A key is
// changed in two steps, so that replicas understand each other on the way:
// accepted everywhere first, then current.
type Keyring struct {
	keys []*serverKey // the current one first
}

// serverKey holds its secrets by pointers, so that no print of a struct around it
// shows them: fmt asks nobody how to print what is in an unexported field.
type serverKey struct {
	id     [keyIDSize]byte
	secret *Key
	prk    *sum // HKDF-Extract without salt, for what needs no other secret
}

// NewKeyring makes a keyring. A key that is given twice is kept once.
func NewKeyring(current Key, accepted ...Key) Keyring {
	ring := Keyring{keys: []*serverKey{newServerKey(current)}}
	for _, k := range accepted {
		if !ring.has(k) {
			ring.keys = append(ring.keys, newServerKey(k))
		}
	}
	return ring
}

func newServerKey(k Key) *serverKey {
	id := sha256.Sum256(append([]byte(labelKeyID), k[:]...))
	prk := extract(k[:], nil)
	return &serverKey{id: [keyIDSize]byte(id[:]), secret: &k, prk: &prk}
}

func (k Keyring) has(key Key) bool {
	for _, known := range k.keys {
		if *known.secret == key {
			return true
		}
	}
	return false
}

// Current is the id of the key that seals: 8 hex digits, safe to show.
func (k Keyring) Current() string { return k.IDs()[0] }

// IDs are the ids of all keys, the current one first.
func (k Keyring) IDs() []string {
	ids := make([]string, len(k.keys))
	for i, key := range k.keys {
		ids[i] = hex.EncodeToString(key.id[:])
	}
	return ids
}

// derive expands a key for one use. The info must begin with a label.
func (k *serverKey) derive(info []byte) [expandedSize]byte { return expand(k.prk, info) }

// deriveWith is derive with a secret that only the holder of a handle has.
func (k *serverKey) deriveWith(secret string, info []byte) [expandedSize]byte {
	prk := extract(k.secret[:], []byte(secret))
	return expand(&prk, info)
}

// info joins a label and parts, each with its length before it, so that no two
// lists of parts make the same bytes. It writes to a buffer, which its caller may have
// where it costs nothing: on the stack, shortInfo long.
func info(out []byte, label string, parts ...string) []byte {
	out = append(out, label...)
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p))) //nolint:gosec // G115: nobody derives from 4 GiB
		out = append(out, p...)
	}
	return out
}
