package storagetest_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage/storagetest"
)

// impatient gives a reply so long.
func impatient(t *testing.T, address string, patience time.Duration) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{
		Addr: address, MaxRetries: -1, DialerRetries: 1, Protocol: 2, DisableIdentity: true,
		ReadTimeout: patience, PoolSize: 1,
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// What is sent through a relay is carried out, whatever becomes of the reply.
func TestARelayLosesReplies(t *testing.T) {
	for _, row := range []struct {
		name     string
		fault    func(*storagetest.Faults)
		patience time.Duration
		lost     []bool
	}{
		{"none", func(*storagetest.Faults) {}, time.Minute, []bool{false, false, false}},
		{"every second", func(f *storagetest.Faults) { f.DropEvery(2) }, time.Minute, []bool{false, true, false}},
		{"all, in silence", func(f *storagetest.Faults) { f.Silence(true) }, 50 * time.Millisecond, []bool{true, true, true}},
		{"late", func(f *storagetest.Faults) { f.Slow(200 * time.Millisecond) }, 50 * time.Millisecond, []bool{true, true, true}},
		{"late, and waited for", func(f *storagetest.Faults) { f.Slow(10 * time.Millisecond) }, time.Minute, []bool{false, false, false}},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := storagetest.ServeOnPort(t)
			address, faults := storagetest.Relay(t, server)
			c := impatient(t, address, row.patience)
			row.fault(faults)
			for i, lost := range row.lost {
				if err := c.Incr(t.Context(), "n").Err(); (err != nil) != lost {
					t.Errorf("%d: %v", i, err)
				}
			}
			if n, err := clientOf(t, server).Get(t.Context(), "n").Int(); n != len(row.lost) {
				t.Errorf("carried out %d times, %v", n, err)
			}
		})
	}
}

func TestAReplyIsHeld(t *testing.T) {
	server := storagetest.ServeOnPort(t)
	address, faults := storagetest.Relay(t, server)
	c := impatient(t, address, time.Minute)
	reached, release := faults.HoldReply(1)
	done := make(chan error, 1)
	go func() { done <- c.Incr(t.Context(), "n").Err() }()
	<-reached
	if n, err := clientOf(t, server).Get(t.Context(), "n").Int(); n != 1 {
		t.Errorf("carried out %d times, %v", n, err)
	}
	select {
	case err := <-done:
		t.Errorf("the reply is here: %v", err)
	default:
	}
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}

	faults.HoldReply(1)
	faults.Forget()
	if err := c.Incr(t.Context(), "n").Err(); err != nil {
		t.Error(err)
	}
}
