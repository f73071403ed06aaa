package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// latency is how long logins took, all four requests together, while the bridge was held at a share of what its core can do.
type latency struct {
	share         float64
	rate          float64 // logins begun in a second
	logins        int
	median, worst time.Duration // p50 and p99
}

// hold begins logins at a steady rate, whatever becomes of those before.
func hold(ctx context.Context, s *subject, share float64, cost, long time.Duration) (latency, error) {
	l := latency{share: share, rate: share / cost.Seconds()}
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		took  []time.Duration
		first error
	)
	every := time.Duration(float64(time.Second) / l.rate)
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for began := time.Now(); time.Since(began) < long; {
		due := <-ticks.C
		all.Go(func() {
			err := s.whole(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && first == nil {
				first = err
			}
			took = append(took, time.Since(due))
		})
	}
	all.Wait()
	if len(took) == 0 {
		return l, errors.New("no login was begun in that time")
	}
	slices.Sort(took)
	l.logins = len(took)
	l.median, l.worst = took[len(took)/2], took[len(took)*99/100]
	return l, first
}
