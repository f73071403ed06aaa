package providertest

import (
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// Ring is a ring on a cell. Where the cell is empty, the first keys are lent and
// not made, because an RSA key takes a tenth of a second or several. Keys that
// become due later the ring makes itself.
//
// While a test runs, no other ring is lent the same keys: not in this test, nor
// in one around it or beside it.
func Ring(t testing.TB, cell keys.Cell, algorithms []keys.Algorithm, p keys.Policy, now func() time.Time) *keys.Ring {
	t.Helper()
	lend := func(a keys.Algorithm) (keys.Key, error) { return lent().to(t, a) }
	set, err := keys.Set{}.Next(now().UTC().Truncate(time.Second), p, algorithms, lend)
	if err != nil {
		t.Fatal(err)
	}
	first, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cell.Swap(t.Context(), "", first); err != nil { // false: the cell has keys
		t.Fatal(err)
	}
	r := keys.NewRing(cell, algorithms, p, now)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// lent are the keys of this process. All that a test can tell of them is that
// they were there quickly.
var lent = sync.OnceValue(func() *lender { return &lender{spare: map[keys.Algorithm][]keys.Key{}} })

// lender has the keys that no test has at the moment.
type lender struct {
	mu    sync.Mutex
	spare map[keys.Algorithm][]keys.Key
}

// to lends a key until the end of the test, and makes one only if none is to spare.
func (l *lender) to(t testing.TB, a keys.Algorithm) (keys.Key, error) {
	t.Helper()
	key, ok := l.take(a)
	if !ok {
		var err error
		if key, err = keys.Generate(a); err != nil {
			return keys.Key{}, err
		}
	}
	t.Cleanup(func() { l.back(key) })
	return key, nil
}

func (l *lender) take(a keys.Algorithm) (key keys.Key, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spare := l.spare[a]
	if len(spare) == 0 {
		return keys.Key{}, false
	}
	last := len(spare) - 1
	l.spare[a] = spare[:last]
	return spare[last], true
}

func (l *lender) back(key keys.Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare[key.Algorithm()] = append(l.spare[key.Algorithm()], key)
}
