package providertest_test

import (
	"slices"
	"testing"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

var algorithms = []keys.Algorithm{keys.RS256, keys.ES256}

// ringOn is a ring on a world.
func ringOn(t *testing.T, w *storagetest.World) *keys.Ring {
	t.Helper()
	return providertest.Ring(t, w.Store.Cell("keys", 400*24*time.Hour), algorithms, keys.DefaultPolicy(time.Hour), w.Now)
}

// kids names the keys of a ring.
func kids(r *keys.Ring) (found []string) {
	for _, info := range r.List() {
		found = append(found, info.ID)
	}
	return found
}

// Otherwise a test that the keys of another deployment count for nothing would show nothing.
func TestNoTwoRingsAtOnceHaveTheSameKeys(t *testing.T) {
	seen := kids(ringOn(t, storagetest.New(t)))
	if len(seen) != len(algorithms) {
		t.Fatalf("keys %q", seen)
	}
	unseen := func(t *testing.T) {
		t.Helper()
		for _, kid := range kids(ringOn(t, storagetest.New(t))) {
			if slices.Contains(seen, kid) {
				t.Errorf("two rings have the key %s", kid)
			}
			seen = append(seen, kid)
		}
	}
	unseen(t)
	t.Run("a test within", unseen)
}

func TestARingHasTheKeysThatItsCellHas(t *testing.T) {
	w := storagetest.New(t)
	if one, other := kids(ringOn(t, w)), kids(ringOn(t, w)); !slices.Equal(one, other) {
		t.Errorf("keys %q and %q", one, other)
	}
}

// Only the first keys are lent: a rotation is a real one.
func TestARingMakesItsNextKeysItself(t *testing.T) {
	var next []string
	for range 2 {
		t.Run("a deployment that grows old", func(t *testing.T) {
			w := storagetest.New(t)
			r := ringOn(t, w)
			first := kids(r)
			w.Advance(29 * 24 * time.Hour)
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, info := range r.List() {
				switch {
				case slices.Contains(first, info.ID):
				case slices.Contains(next, info.ID):
					t.Errorf("the key %s was made for an earlier ring", info.ID)
				default:
					next = append(next, info.ID)
				}
			}
		})
	}
	if len(next) != 2*len(algorithms) {
		t.Errorf("%d next keys", len(next))
	}
}
