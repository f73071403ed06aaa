package keys_test

import (
	"testing"
	"time"

	"itsme-bridge/keys"
)

// A Redis that failed over has an old set; this replica knows what was written since.
func TestMergeForgetsNothing(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	algorithms := []keys.Algorithm{keys.ES256}
	now := start.Add(29 * day)
	for _, row := range []struct {
		what      string
		write     func(keys.Set, func(keys.Algorithm) (keys.Key, error)) keys.Set // the write that Redis lost
		published string
		signs     string
	}{
		{"nothing", func(s keys.Set, _ func(keys.Algorithm) (keys.Key, error)) keys.Set { return s }, "k1 k2", "k1"},
		{"a revoked next key", func(s keys.Set, _ func(keys.Algorithm) (keys.Key, error)) keys.Set {
			s, _ = s.Revoke("k2", now)
			return s
		}, "k1", "k1"},
		{"a revoked current key and who stood in", func(s keys.Set, generate func(keys.Algorithm) (keys.Key, error)) keys.Set {
			s, _ = s.Revoke("k1", now)
			s, _ = s.Next(now, policy, algorithms, generate)
			return s
		}, "k2", "k2"},
		{"two revocations and a new key", func(s keys.Set, generate func(keys.Algorithm) (keys.Key, error)) keys.Set {
			s, _ = s.Revoke("k2", now)
			s, _ = s.Revoke("k1", now)
			s, _ = s.Next(now, policy, algorithms, generate)
			return s
		}, "k3", "k3"},
	} {
		t.Run(row.what, func(t *testing.T) {
			generate := numbered()
			old, _ := keys.Set{}.Next(start, policy, algorithms, generate)
			old, _ = old.Next(start.Add(28*day), policy, algorithms, generate)
			known := row.write(old, generate)

			for name, merged := range map[string]keys.Set{"old with known": old.Merge(known), "known with old": known.Merge(old), "empty with known": keys.Set{}.Merge(known)} {
				if got := names(merged.Published()); got != row.published {
					t.Errorf("%s: published %s, want %s", name, got, row.published)
				}
				if got := signer(merged, keys.ES256, now); got != row.signs {
					t.Errorf("%s: %s signs, want %s", name, got, row.signs)
				}
			}
		})
	}
}

func TestMergeKeepsErasedWhatIsErased(t *testing.T) {
	policy := keys.DefaultPolicy(time.Hour)
	generate := numbered()
	algorithms := []keys.Algorithm{keys.ES256}
	old, _ := keys.Set{}.Next(start, policy, algorithms, generate)
	old, _ = old.Next(start.Add(28*day), policy, algorithms, generate)
	known, _ := old.Next(start.Add(30*day+hour), policy, algorithms, generate)
	for _, k := range old.Merge(known).Published() {
		if k.Whole() != (k.ID() == "k2") {
			t.Errorf("the private half of %s: %t", k.ID(), k.Whole())
		}
	}
}
