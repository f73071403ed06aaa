//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// witness writes to a Redis all the time, and remembers what that has answered for.
type witness struct {
	client redis.UniversalClient
	stop   chan struct{}
	done   chan struct{}
	acked  []time.Time // when; the zero time: that write failed, or nobody knows
}

// attest begins to write, by a client of its own.
func attest(t *testing.T, client redis.UniversalClient) *witness {
	t.Helper()
	w := &witness{client: client, stop: make(chan struct{}), done: make(chan struct{})}
	t.Cleanup(func() { _ = client.Close() })
	go func() {
		defer close(w.done)
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := client.Set(ctx, w.key(len(w.acked)), "1", time.Hour).Err()
			cancel()
			at := time.Now()
			if err != nil {
				at = time.Time{}
			}
			w.acked = append(w.acked, at)
		}
	}()
	return w
}

func (*witness) key(n int) string { return "witness:" + strconv.Itoa(n) }

// forgotten are, when all is whole again, the times of the answers for what is not there.
func (w *witness) forgotten(t *testing.T) (times []time.Time) {
	t.Helper()
	close(w.stop)
	<-w.done
	for n, at := range w.acked {
		if at.IsZero() {
			continue
		}
		within(t, "the witness is heard", func() bool {
			there, err := w.client.Exists(context.Background(), w.key(n)).Result()
			if err == nil && there == 0 {
				times = append(times, at)
			}
			return err == nil
		})
	}
	return times
}

// testify says what a Redis has forgotten that it had answered for, and when that was, as
// seen from the moment at which the fault began.
func (w *witness) testify(t *testing.T, moment time.Time) (forgot int) {
	t.Helper()
	times := w.forgotten(t)
	text := fmt.Sprintf("%s: of %d writes nothing that Redis answered for was lost\n\n", t.Name(), len(w.acked))
	if len(times) > 0 {
		text = fmt.Sprintf("%s: of %d writes %d were lost that Redis had answered for, from %v to %v after the fault began\n\n", t.Name(), len(w.acked),
			len(times), times[0].Sub(moment).Round(time.Millisecond), times[len(times)-1].Sub(moment).Round(time.Millisecond))
	}
	note(t, "chaos.txt", text)
	return len(times)
}
