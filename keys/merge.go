package keys

import "slices"

// Merge adds what was known of an earlier state of the same set, so that a Redis that lost its last writes (a
// failover, a flush) neither takes away a key that clients hold nor brings back a revoked one.
func (s Set) Merge(known Set) Set {
	for _, old := range known.keys {
		at := slices.IndexFunc(s.keys, func(k Key) bool { return k.id == old.id })
		if at < 0 {
			s.keys = append(slices.Clone(s.keys), old)
			continue
		}
		s = s.edit(old.id, func(k *Key) {
			if old.signs.Before(k.signs) {
				k.signs = old.signs
			}
			if k.revoked.IsZero() || !old.revoked.IsZero() && old.revoked.Before(k.revoked) {
				k.revoked = old.revoked
			}
			if old.private == nil {
				k.private = nil
			}
		})
	}
	return s.sorted()
}
