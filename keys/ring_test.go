package keys_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// memory is a Cell in memory that can fail, forget, and let somebody else in first.
type memory struct {
	mu       sync.Mutex
	data     []byte
	revision int
	down     error
	before   func() // runs once, before the next Swap
	loads    int
	swaps    int
}

func (m *memory) Load(context.Context) (data []byte, revision string, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loads++
	if m.down != nil {
		return nil, "", false, m.down
	}
	return m.data, fmt.Sprint(m.revision), m.data != nil, nil
}

func (m *memory) Swap(_ context.Context, revision string, data []byte) (bool, error) {
	m.mu.Lock()
	before := m.before
	m.before = nil
	m.mu.Unlock()
	if before != nil {
		before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return false, m.down
	}
	if m.data == nil && revision != "" || m.data != nil && revision != fmt.Sprint(m.revision) {
		return false, nil
	}
	m.data, m.revision, m.swaps = data, m.revision+1, m.swaps+1
	return true, nil
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestNotReadyBeforeTheFirstLoad(t *testing.T) {
	cell := &memory{down: errors.New("away")}
	ring := keys.NewRing(cell, []keys.Algorithm{keys.ES256}, keys.DefaultPolicy(time.Hour), func() time.Time { return start })

	if err := ring.Refresh(t.Context()); err == nil {
		t.Error("a refresh without a cell succeeds")
	}
	if ring.Ready() == nil || len(ring.JWKS().Body) != 0 {
		t.Error("ready without keys")
	}
	if _, err := ring.Sign(t.Context(), keys.ES256, []byte(`{}`)); !errors.Is(err, keys.ErrNotLoaded) {
		t.Errorf("Sign: %v", err)
	}

	cell.down = nil
	if err := ring.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	cell.down = errors.New("away again")
	if err := ring.Refresh(t.Context()); err == nil {
		t.Error("a refresh without a cell succeeds")
	}
	if err := ring.Ready(); err != nil {
		t.Errorf("Ready after the first load: %v", err)
	}
	if _, err := ring.Sign(t.Context(), keys.ES256, []byte(`{}`)); err != nil {
		t.Errorf("Sign: %v", err)
	}
}
