package storage

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"errors"
)

// A record in Redis is
//
//	format 1 ‖ key id 4 ‖ proof 16 ‖ nonce 12 ‖ AES-256-GCM
//
// Key and proof come from one HKDF-SHA-256 of the server's key, salted with the
// handle's secret, over bucket and id, which are the associated data too: a record
// that is moved to another id or bucket does not open. The proof lets a script
// tell the right secret from a wrong one without knowing either. The first 33
// bytes, the header, are the record's revision: every sealing draws a new nonce.
//
// What has been spent leaves a marker: spent or replayed 1 ‖ key id 4 ‖ proof 16 ‖
// receipt. (Markers of older versions have no receipt.)
const (
	formatSealed   = 0x01
	formatSpent    = 0x81 // in Lua: \129
	formatReplayed = 0x82 // in Lua: \130

	proofSize  = 16
	nonceSize  = 12
	keySize    = 32
	tagSize    = 16                    // of GCM
	labelSize  = keyIDSize + proofSize // what a script compares
	headerSize = 1 + labelSize + nonceSize
)

// ErrDamaged means that a record is not what was once written there.
var ErrDamaged = errors.New("the record is damaged")

// ErrUnknownKey means that a record was sealed under a server key that is not in
// the keyring: it was taken away too early, or made current before every replica
// accepted it.
var ErrUnknownKey = errors.New("the record is sealed under a server key that is not configured")

// State is what a record's first byte tells anybody.
type State int

// States of a record.
const (
	Absent   State = iota // never written, expired or deleted
	Sealed                // there
	Spent                 // spent, once
	Replayed              // spent, and asked for again
)

func stateOf(raw []byte) (State, error) {
	if len(raw) == 0 {
		return Absent, nil
	}
	switch raw[0] {
	case formatSealed:
		return Sealed, nil
	case formatSpent:
		return Spent, nil
	case formatReplayed:
		return Replayed, nil
	default:
		return Absent, ErrDamaged
	}
}

// lock is what seals and opens one record under one of the server's keys.
type lock struct {
	label [labelSize]byte // key id ‖ proof
	key   [keySize]byte
	bound []byte // bucket and id, the associated data
}

func (k *serverKey) lock(bucket string, h Handle) lock {
	var okm [expandedSize]byte
	l := lock{}
	bound := make([]byte, 0, len(labelServer)+2*4+len(bucket)+len(h.id)) // labelServer is the longer label
	if secret := h.Secret(); secret != "" {
		l.bound = info(bound, labelRecord, bucket, h.id)
		okm = k.deriveWith(secret, l.bound)
	} else {
		// A label of its own, since HKDF takes a salt of zeros for no salt.
		l.bound = info(bound, labelServer, bucket, h.id)
		okm = k.derive(l.bound)
	}
	copy(l.key[:], okm[:])
	copy(l.label[:], k.id[:])
	copy(l.label[keyIDSize:], okm[keySize:])
	return l
}

func (l *lock) aead() cipher.AEAD { return newGCM(l.key[:]) }

// draft is a record that is not sealed yet: room for the header, what is to be sealed, and room for
// the tag. So it is sealed where it stands. It is an io.Writer for who writes at one go.
type draft []byte

// Write adds to what is to be sealed.
func (d *draft) Write(plain []byte) (int, error) {
	if *d == nil {
		*d = make(draft, headerSize, headerSize+len(plain)+tagSize)
	}
	*d = append(*d, plain...)
	return len(plain), nil
}

// seal makes a record of what is to be written.
func (l *lock) seal(d draft) []byte {
	d[0] = formatSealed
	copy(d[1:], l.label[:])
	header, plain := d[:headerSize], d[headerSize:]
	nonce := header[1+labelSize:]
	_, _ = rand.Read(nonce) // never fails
	return l.aead().Seal(header, nonce, plain, l.bound)
}

// fits reports in constant time whether the lock's secret sealed the record.
func (l *lock) fits(raw []byte) bool {
	return subtle.ConstantTimeCompare(raw[1:1+labelSize], l.label[:]) == 1
}

func (l *lock) open(raw []byte) ([]byte, error) {
	plain, err := l.aead().Open(nil, raw[1+labelSize:headerSize], raw[headerSize:], l.bound)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// seal seals under the current key.
func (k Keyring) seal(bucket string, h Handle, plain []byte) []byte {
	var d draft
	_, _ = d.Write(plain) // never fails
	return k.sealed(bucket, h, d)
}

// sealed is seal for what has room around it.
func (k Keyring) sealed(bucket string, h Handle, d draft) []byte {
	l := k.keys[0].lock(bucket, h)
	return l.seal(d)
}

// open opens a record. Not there, spent, or sealed with another secret: false.
func (k Keyring) open(bucket string, h Handle, raw []byte) (plain []byte, ok bool, err error) {
	state, err := stateOf(raw)
	if err != nil || state != Sealed {
		return nil, false, err
	}
	if len(raw) < headerSize+tagSize {
		return nil, false, ErrDamaged
	}
	l, ok, err := k.lockOf(bucket, h, raw)
	if err != nil || !ok {
		return nil, false, err
	}
	plain, err = l.open(raw)
	return plain, err == nil, err
}

// marker reads the marker of a value that this handle opened. With another secret
// it is as if there were none.
func (k Keyring) marker(bucket string, h Handle, raw []byte) (label, receipt string, ok bool, err error) {
	state, err := stateOf(raw)
	if err != nil || state != Spent && state != Replayed {
		return "", "", false, err
	}
	if len(raw) < 1+labelSize {
		return "", "", false, ErrDamaged
	}
	_, ok, err = k.lockOf(bucket, h, raw)
	if err != nil || !ok {
		return "", "", false, err
	}
	return string(raw[1 : 1+labelSize]), string(raw[1+labelSize:]), true, nil
}

// lockOf finds the lock that a record or a marker was made with, if this handle has its secret.
func (k Keyring) lockOf(bucket string, h Handle, raw []byte) (l lock, ok bool, err error) {
	known := false
	for _, key := range k.keys {
		if !bytes.Equal(key.id[:], raw[1:1+keyIDSize]) {
			continue
		}
		known = true
		if l := key.lock(bucket, h); l.fits(raw) {
			return l, true, nil
		}
	}
	if !known {
		return lock{}, false, ErrUnknownKey
	}
	return lock{}, false, nil
}

// labels are what the record of a handle may carry, one for each key.
func (k Keyring) labels(bucket string, h Handle) []any {
	out := make([]any, len(k.keys))
	for i, key := range k.keys {
		l := key.lock(bucket, h)
		out[i] = string(l.label[:])
	}
	return out
}
