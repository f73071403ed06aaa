package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/storage/storagetest"
)

// While Redis is away the log says so again and again, and less and less often.
func TestWaitingForRedisIsSaidAgain(t *testing.T) {
	world := storagetest.New(t)
	settings := configured(t, world, nil)
	settings.Operations.Listen = ""
	world.Faults().Down()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		said := newJournal()
		a, err := app.New(t.Context(), settings, app.Options{
			Log: slog.New(slog.NewJSONHandler(said, nil)), Listener: newSwitchboard(),
			Now: func() time.Time { return world.Now().Add(time.Since(began)) },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		for _, row := range []struct {
			after       time.Duration
			least, most int // times that it was said
		}{
			{5 * time.Second, 1, 3}, // a cut connection has several names
			{10 * time.Second, 2, 5},
			{30 * time.Second, 3, 6},
			{10 * time.Minute, 6, 14},
		} {
			time.Sleep(row.after)
			synctest.Wait()
			if n := strings.Count(said.String(), `"msg":"waiting for Redis"`); n < row.least || n > row.most {
				t.Errorf("after %s more it was said %d times, want %d to %d\n%s", row.after, n, row.least, row.most, said)
			}
		}
		if !strings.Contains(said.String(), `"waited":"`) || !strings.Contains(said.String(), `"waited":"0s"`) {
			t.Errorf("it does not say for how long\n%s", said)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
