package main

import (
	"context"
	"time"
)

// Main lets a test binary be the command.
func Main() { main() }

// Ages puts a key with a TTL into the demo's Redis and waits until it has gone.
func Ages(ctx context.Context, ttl time.Duration) (bool, error) {
	m, err := startMemory()
	if err != nil {
		return false, err
	}
	defer m.server.Close()
	if err := m.server.Set("key", "value"); err != nil {
		return false, err
	}
	m.server.SetTTL("key", ttl)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	now := func() time.Time { // ends the wait as soon as there is nothing to wait for
		if !m.server.Exists("key") {
			cancel()
		}
		return time.Now()
	}
	m.age(ctx, now)
	return !m.server.Exists("key") && time.Since(began) >= ttl, nil
}

// Answers waits until an address answers.
func Answers(ctx context.Context, address string) error { return answers(ctx, address) }
