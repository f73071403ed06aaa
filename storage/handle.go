package storage

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// partSize is the length of each half of a handle: 26 base32 characters, 130 bits.
const partSize = 26

const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// Handle names a record by its id, and opens it by its secret. The id alone opens
// nothing and may be shown; Redis never sees the secret. It prints itself as
// [secret]. The operator == tells only the zero Handle from others.
type Handle struct {
	id     string
	secret *string // a pointer, so that no print of a struct around shows it
}

// NewHandle draws an id and a secret, 130 random bits each.
func NewHandle() Handle { return NewSecret(rand.Text()) }

// NewKin draws a handle whose id begins as another's, so that both can be told to
// belong together: see [KinOf]. Without another one it is like NewHandle.
func NewKin(id string) Handle {
	if !IsID(id) {
		return NewHandle()
	}
	return NewSecret(KinOf(id) + rand.Text()[partSize/2:])
}

// KinOf is the part of an id that its kin share: half of it, 65 random bits.
func KinOf(id string) string { return id[:min(len(id), partSize/2)] }

// NewSecret draws a secret for a record under an id that exists already.
func NewSecret(id string) Handle { return HandleOf(id, rand.Text()) }

// HandleOf joins an id and a secret as they are. With an empty secret, a record is
// sealed under the server's key alone.
func HandleOf(id, secret string) Handle {
	if secret == "" {
		return Handle{id: id}
	}
	return Handle{id: id, secret: &secret}
}

// ParseHandle reads what Text wrote: two parts of 26 base32 characters with a dot
// between them, and nothing else.
func ParseHandle(text string) (Handle, bool) {
	id, secret, _ := strings.Cut(text, ".")
	return ParseHalves(id, secret)
}

// ParseHalves is ParseHandle for a handle whose two parts were kept apart.
func ParseHalves(id, secret string) (Handle, bool) {
	if !isPart(id) || !isPart(secret) {
		return Handle{}, false
	}
	return HandleOf(id, secret), true
}

func isPart(s string) bool {
	return len(s) == partSize && strings.Trim(s, base32Alphabet) == ""
}

// IsID reports whether s has the form of a handle's id. Only such a one becomes
// part of a Redis key.
func IsID(s string) bool { return isPart(s) }

// ID is the half that may be shown.
func (h Handle) ID() string { return h.id }

// Secret is the half that may not. Whoever asks has a reason.
func (h Handle) Secret() string {
	if h.secret == nil {
		return ""
	}
	return *h.secret
}

// Digest is SHA-256 of the secret: it stands for it in a MAC.
func (h Handle) Digest() string {
	sum := sha256.Sum256([]byte(h.Secret()))
	return string(sum[:])
}

// Text is the whole handle, "id.secret", for the one who shall hold it.
func (h Handle) Text() string { return h.id + "." + h.Secret() }
