package keys_test

import (
	"maps"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// A ring says when the next key of each wanted algorithm signs: of one that waits, when it will; of one that is still
// to be made, when it should.
func TestRotations(t *testing.T) {
	w := newWorld()
	ring, line := w.replica()
	is := func(want map[keys.Algorithm]time.Time) {
		t.Helper()
		if got := ring.Rotations(); !maps.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	is(nil)
	refresh(t, ring)
	due := start.Add(w.policy.Every)
	is(map[keys.Algorithm]time.Time{keys.ES256: due})
	w.Advance(24 * time.Hour)
	if err := ring.Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	due = w.Now().Add(w.policy.Ahead)
	is(map[keys.Algorithm]time.Time{keys.ES256: due}) // earlier than it would be by itself
	w.Advance(w.policy.Ahead)
	due = due.Add(w.policy.Every)
	is(map[keys.Algorithm]time.Time{keys.ES256: due})
	line.setCut(true)
	w.Advance(w.policy.Every + time.Hour)
	is(map[keys.Algorithm]time.Time{keys.ES256: due}) // an hour ago
	ring.Want(nil)
	is(nil) // nobody needs another
}
