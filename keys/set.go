package keys

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Set is all keys of a deployment. It is a value: every rule returns another Set, and none does I/O.
//
// Nothing is stored about who took over from whom: a key retires when a later one of its algorithm begins to sign. So
// two sets can be merged whatever happened to either, and no set can contradict itself.
type Set struct{ keys []Key }

// Signer is the key that signs: of those whose time has come, the last. None, before the first or after a revocation.
func (s Set) Signer(a Algorithm, now time.Time) (Key, bool) {
	for _, k := range s.keys {
		if k.algorithm == a && k.private != nil && s.state(k, now) == Current {
			return k, true
		}
	}
	return Key{}, false
}

// Published is what stands in the JWKS: all that is in the set, from the first moment on, unless it was revoked.
func (s Set) Published() []Key {
	return slices.DeleteFunc(slices.Clone(s.keys), func(k Key) bool { return !k.revoked.IsZero() })
}

// Next is the set as it should be now: a key made for each algorithm that needs one, and those gone whose time is
// over. The same set comes back if nothing is due. Keys of algorithms that are not among those named are made by nobody here,
// and stay while another replica names them.
func (s Set) Next(now time.Time, p Policy, algorithms []Algorithm, generate func(Algorithm) (Key, error)) (Set, error) {
	s = s.note(now, p, algorithms).tidy(now, p)
	for _, a := range algorithms {
		current, signing := s.Signer(a, now)
		next, waiting := s.upcoming(a, now)
		if signing && (waiting || now.Before(current.signs.Add(p.Every-p.Ahead))) {
			continue
		}
		// Without a signer the next key stands in: published for a while, it is better than one that nobody has seen.
		if waiting {
			s = s.edit(next.id, func(k *Key) { k.signs = now })
			continue
		}
		// The first key signs at once: no JWKS is about that lacks it. So does one that stands in for a revoked key.
		signs := now
		if signing {
			signs = now.Add(p.Ahead)
		}
		fresh, err := generate(a)
		if err != nil {
			return Set{}, err
		}
		s = s.with(fresh, now, signs)
	}
	return s, nil
}

// Rotate publishes the next key of an algorithm now, whatever the date; it signs after p.Ahead as always. If one is
// waiting already, nothing changes.
func (s Set) Rotate(a Algorithm, now time.Time, p Policy, generate func(Algorithm) (Key, error)) (Set, error) {
	if _, waiting := s.upcoming(a, now); waiting {
		return s, nil
	}
	fresh, err := generate(a)
	if err != nil {
		return Set{}, err
	}
	return s.with(fresh, now, now.Add(p.Ahead)), nil
}

// Revoke takes a key out of use: it neither signs nor is published any more, and its private half is gone. It is told
// about (and remembered, see Merge) for p.Keep. If it was signing, nothing signs until Next. False: no such key.
func (s Set) Revoke(id string, now time.Time) (Set, bool) {
	if !slices.ContainsFunc(s.keys, func(k Key) bool { return k.id == id }) {
		return s, false
	}
	return s.edit(id, func(k *Key) {
		if k.revoked.IsZero() {
			k.revoked = now
		}
		k.private = nil
	}), true
}

// note says of every key whether clients here use its algorithm. Where replicas differ, as in a rolling update, those
// that have no clients say so, and those that have some take it back from time to time. While all agree, nothing changes.
func (s Set) note(now time.Time, p Policy, algorithms []Algorithm) Set {
	s.keys = slices.Clone(s.keys)
	for i := range s.keys {
		k := &s.keys[i]
		used, known := slices.Contains(algorithms, k.algorithm), slices.Contains(Algorithms(), k.algorithm)
		switch {
		case used && !k.idle.IsZero() && now.Sub(k.idle) >= p.grace():
			k.idle = time.Time{}
		case !used && known && k.idle.IsZero(): // of what a newer version knows this one says nothing
			k.idle = now
		}
	}
	return s
}

// tidy drops the keys whose time is over, and erases the private halves of those that will never sign again: what is not
// there cannot leak.
func (s Set) tidy(now time.Time, p Policy) Set {
	var kept []Key
	for _, k := range s.keys {
		end, ended := k.revoked, true
		if end.IsZero() {
			end, ended = s.retires(k)
		}
		if ended && !now.Before(end.Add(p.Keep)) {
			continue
		}
		if k.revoked.IsZero() && !k.idle.IsZero() && !now.Before(k.idle.Add(p.idle())) {
			continue
		}
		// Not at once: a replica whose clock is behind may still be signing with it.
		if ended && !now.Before(end.Add(slack)) {
			k.private = nil
		}
		kept = append(kept, k)
	}
	return Set{kept}
}

func (s Set) with(k Key, published, signs time.Time) Set {
	k.published, k.signs = published, signs
	return Set{append(slices.Clone(s.keys), k)}.sorted()
}

func (s Set) edit(id string, change func(*Key)) Set {
	s.keys = slices.Clone(s.keys)
	for i := range s.keys {
		if s.keys[i].id == id {
			change(&s.keys[i])
		}
	}
	return s.sorted()
}

func (s Set) sorted() Set {
	s.keys = slices.Clone(s.keys)
	slices.SortFunc(s.keys, order)
	return s
}

// Format shows names only, under every verb.
func (s Set) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, fmt.Sprint(s.keys)) }
