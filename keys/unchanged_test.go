package keys_test

import (
	"context"
	"testing"
	"time"

	"itsme-bridge/keys"
)

// sealed is a Cell of which only the revision can be read, once it is closed.
type sealed struct {
	*memory

	closed bool
}

func (c *sealed) Load(ctx context.Context) (data []byte, revision string, ok bool, err error) {
	data, revision, ok, err = c.memory.Load(ctx)
	if c.closed {
		data = []byte("rubbish")
	}
	return data, revision, ok, err
}

// What a replica knows already it does not read once more: a look every few seconds costs little.
func TestWhatHasNotChangedIsNotReadAgain(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	cell := &sealed{memory: new(memory)}
	policy := keys.DefaultPolicy(time.Hour)
	newRing := func(c keys.Cell) *keys.Ring {
		return keys.NewRing(c, []keys.Algorithm{keys.ES256}, policy, func() time.Time { return now })
	}
	ring := newRing(cell)
	refresh := func() error { return ring.Refresh(t.Context()) }
	for range 2 { // it makes them, and learns their revision
		if err := refresh(); err != nil {
			t.Fatal(err)
		}
	}
	cell.closed = true
	before := ring.JWKS().Body
	if err := refresh(); err != nil || string(ring.JWKS().Body) != string(before) {
		t.Errorf("what it knows is read again: %v", err)
	}
	now = now.Add(policy.Every - policy.Ahead) // due, read or not
	if err := refresh(); err != nil || len(ring.List()) != 2 {
		t.Errorf("what is due is not done: %v, %v", ring.List(), err)
	}
	if err := refresh(); err == nil {
		t.Error("what has changed is not read")
	}
	cell.closed = false
	if err := newRing(cell.memory).Rotate(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	if err := newRing(cell.memory).Revoke(t.Context(), ring.List()[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := refresh(); err != nil || ring.List()[0].State != keys.Revoked {
		t.Errorf("what somebody else has done is not followed: %v, %v", ring.List(), err)
	}
}
