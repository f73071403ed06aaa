package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// latency is how long logins took, all four requests together, while they were begun at a steady rate.
type latency struct {
	rate          float64 // logins begun in a second
	logins        int
	median, worst time.Duration // p50 and p99
	busy          float64       // how much of one core the processes had meanwhile
	each          cost          // of a login
	failed        int           // logins that did not end: their times do not count
}

// hold begins logins at a steady rate, whatever becomes of those before. How long one takes counts from the moment at which it was
// due: one that is begun late, because those before are in the way, was late for its person.
func hold(ctx context.Context, s *subject, redis *process, rate float64, long time.Duration) (latency, error) {
	l := latency{rate: rate, logins: max(1, int(rate*long.Seconds()))}
	before, err := s.spent(ctx, redis)
	if err != nil {
		return l, err
	}
	took, began := make([]time.Duration, l.logins), time.Now()
	failures := make([]error, l.logins)
	var all sync.WaitGroup
	for i := range l.logins {
		due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		all.Go(func() {
			failures[i] = s.whole(ctx)
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	after, err := s.spent(ctx, redis)
	if err != nil {
		return l, err
	}
	for i, err := range failures {
		if err != nil {
			took[i] = 0
			l.failed++
		}
	}
	slices.Sort(took)
	if took = took[l.failed:]; len(took) == 0 {
		return l, errors.Join(failures...)
	}
	l.median, l.worst = took[len(took)/2], took[len(took)*99/100]
	spent := after.less(before)
	l.busy, l.each = float64(spent.cpu)/float64(elapsed), spent.each(l.logins)
	return l, nil
}
