package keys_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/keys"
)

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := &line{memory: new(memory), cut: true}
		ring := keys.NewRing(line, []keys.Algorithm{keys.ES256}, keys.DefaultPolicy(time.Hour), time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var reports atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			ring.Run(ctx, 30*time.Second, func(err error) {
				if err == nil {
					return
				}
				if !errors.Is(err, errAway) {
					t.Errorf("reports %v", err)
				}
				reports.Add(1)
			})
		}()
		step := func(what string, d time.Duration, loads, reported int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got, told := line.loaded(), int(reports.Load()); got != loads || told != reported {
				t.Errorf("%s: %d loads and %d reports, want %d and %d", what, got, told, loads, reported)
			}
		}
		step("at once", 0, 1, 1)
		step("each second, until there are keys", 10*time.Second, 11, 11)
		line.setCut(false)
		step("now there are", time.Second, 12, 11)
		step("at each interval", 5*time.Minute, 22, 11)
		line.setCut(true)
		step("also while Redis is away", 5*time.Minute, 32, 21)
		cancel()
		<-done
		step("and not after the end", time.Hour, 32, 21)
	})
}

// stuck is a Cell that answers nothing.
type stuck struct{}

func (stuck) Load(ctx context.Context) (data []byte, revision string, ok bool, err error) {
	<-ctx.Done()
	return nil, "", false, ctx.Err()
}

func (stuck) Swap(context.Context, string, []byte) (bool, error) { return false, nil }

func TestRunOutlivesACellThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := keys.NewRing(stuck{}, []keys.Algorithm{keys.ES256}, keys.DefaultPolicy(time.Hour), time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		var reported atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			ring.Run(ctx, 30*time.Second, func(err error) {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("reports %v", err)
				}
				reported.Add(1)
			})
		}()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		before := reported.Load()
		if before < 9 {
			t.Errorf("%d reports", before)
		}
		cancel()
		<-done
		if reported.Load() != before {
			t.Error("reports that it was told to end")
		}
	})
}
