package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const format = 1

// stored is a Set as the Cell holds it. It has the private halves: nothing but the Cell, which seals, may see it.
// That is why Set and Key have no MarshalJSON: a stray json.Marshal of theirs shows nothing.
type stored struct {
	Format int         `json:"format"`
	Keys   []storedKey `json:"keys"`
}

type storedKey struct {
	ID        string          `json:"kid"`
	Algorithm Algorithm       `json:"alg"`
	Published time.Time       `json:"published"`
	Signs     time.Time       `json:"signs"`
	Revoked   time.Time       `json:"revoked,omitzero"`
	Idle      time.Time       `json:"idle,omitzero"` // an earlier version drops it, and time begins anew
	Public    json.RawMessage `json:"public"`
	Private   []byte          `json:"pkcs8,omitempty"`
}

// Encode writes the set, private halves included, for a Cell to seal.
func (s Set) Encode() ([]byte, error) {
	out := stored{Format: format, Keys: make([]storedKey, 0, len(s.keys))}
	for _, k := range s.keys {
		record := storedKey{k.id, k.algorithm, k.published, k.signs, k.revoked, k.idle, k.public, nil}
		if k.private != nil {
			record.Private = k.private()
		}
		out.Keys = append(out.Keys, record)
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("keys: encode the set: %w", err)
	}
	return data, nil
}

// Decode reads what Encode has written. Keys of algorithms that this version does not know stay in the set and in the
// JWKS, so that a newer version and this one can run side by side.
func Decode(data []byte) (Set, error) {
	var in stored
	if err := json.Unmarshal(data, &in); err != nil {
		// The decoder's errors quote what they stumble over.
		return Set{}, errors.New("keys: what is stored is not a set of keys")
	}
	if in.Format != format {
		return Set{}, fmt.Errorf("keys: the stored set has format %d, and this version knows %d", in.Format, format)
	}
	var s Set
	for _, record := range in.Keys {
		if record.ID == "" || len(record.Public) == 0 {
			return Set{}, errors.New("keys: a stored key lacks its name or its public half")
		}
		k := Key{record.Algorithm, record.ID, record.Published, record.Signs, record.Revoked, record.Idle, record.Public, nil}
		if len(record.Private) > 0 {
			k.private = hide(record.Private)
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

// equal compares everything, private halves included.
func (s Set) equal(other Set) bool {
	return slices.EqualFunc(s.sorted().keys, other.sorted().keys, func(a, b Key) bool {
		return a.id == b.id && a.algorithm == b.algorithm && bytes.Equal(a.public, b.public) &&
			a.published.Equal(b.published) && a.signs.Equal(b.signs) && a.revoked.Equal(b.revoked) && a.idle.Equal(b.idle) &&
			(a.private == nil) == (b.private == nil)
	})
}
