package keys

import (
	"cmp"
	"strings"
	"time"
)

// State is where a key stands in its life.
type State string

// The states of a key. Standby is that of a published key from a file that does not sign: only the operator
// knows whether its time is to come or over.
const (
	Next    State = "next"
	Current State = "current"
	Past    State = "past"
	Revoked State = "revoked"
	Standby State = "standby"
)

// Info is what an operator may see of a key. A zero time: not so far, or not known.
type Info struct {
	ID        string    `json:"kid"`
	Algorithm Algorithm `json:"alg"`
	State     State     `json:"state"`
	Published time.Time `json:"published,omitzero"`
	Signs     time.Time `json:"signs,omitzero"`   // from then on
	Retires   time.Time `json:"retires,omitzero"` // stops signing, since another begins
	Revoked   time.Time `json:"revoked,omitzero"`
}

// List tells about every key, in the order in which they sign.
func (s Set) List(now time.Time) []Info {
	list := make([]Info, 0, len(s.keys))
	for _, k := range s.keys {
		info := Info{ID: k.id, Algorithm: k.algorithm, State: s.state(k, now), Published: k.published, Signs: k.signs, Revoked: k.revoked}
		info.Retires, _ = s.retires(k)
		list = append(list, info)
	}
	return list
}

// state is where a key stands. At most one key of an algorithm is Current.
func (s Set) state(k Key, now time.Time) State {
	if !k.revoked.IsZero() {
		return Revoked
	}
	if k.signs.After(now) {
		return Next
	}
	if retires, ok := s.retires(k); ok && !retires.After(now) {
		return Past
	}
	return Current
}

// retires is when the first later key begins to sign. One that was revoked before it ever signed does not count; one that
// was revoked after that does: what has retired once never signs again.
func (s Set) retires(k Key) (when time.Time, ok bool) {
	for _, later := range s.keys {
		if later.algorithm != k.algorithm || order(later, k) <= 0 {
			continue
		}
		if !later.revoked.IsZero() && later.revoked.Before(later.signs) {
			continue
		}
		if !ok || later.signs.Before(when) {
			when, ok = later.signs, true
		}
	}
	return when, ok
}

// upcoming is the key that waits to sign, the first if there are several (a merge can make it so).
func (s Set) upcoming(a Algorithm, now time.Time) (Key, bool) {
	for _, k := range s.keys {
		if k.algorithm == a && k.private != nil && s.state(k, now) == Next {
			return k, true
		}
	}
	return Key{}, false
}

// rotates is when the next key of an algorithm begins to sign, or is to begin where it is still to be made. It is in the
// past where that is overdue.
func (s Set) rotates(a Algorithm, now time.Time, p Policy) (when time.Time, ok bool) {
	current, ok := s.Signer(a, now)
	if !ok {
		return time.Time{}, false
	}
	if when, ok := s.retires(current); ok {
		return when, true
	}
	return current.signs.Add(p.Every), true
}

// order is that in which keys sign. Of two that begin at the same moment a revoked one comes first: the other
// stands in for it.
func order(a, b Key) int {
	rank := func(k Key) int {
		if k.revoked.IsZero() {
			return 1
		}
		return 0
	}
	return cmp.Or(a.signs.Compare(b.signs), cmp.Compare(rank(a), rank(b)), strings.Compare(a.id, b.id))
}
