package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// memory is a Redis in this process, behind a port of its own and a password.
type memory struct {
	server   *miniredis.Miniredis
	password string
}

func startMemory() (*memory, error) {
	m := &memory{server: miniredis.NewMiniRedis(), password: rand.Text()}
	m.server.RequireAuth(m.password)
	if err := m.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("in-process Redis: %w", err)
	}
	return m, nil
}

// age lets the keys grow old until ctx ends: this Redis has no clock of its own.
// It ticks faster than a person notices, since leases end within a second.
func (m *memory) age(ctx context.Context, now func() time.Time) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	last := now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			current := now()
			m.server.FastForward(current.Sub(last))
			last = current
		}
	}
}
