package main

import (
	"context"
	"sync/atomic"
)

// startPair starts a second replica beside a bridge. Of each login every second request goes to the other one.
func (w world) startPair(ctx context.Context, first *subject) (*subject, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	second, err := w.startReplica(ctx, address, first.issuer)
	if err != nil {
		return nil, err
	}
	both := []*subject{first, second}
	var logins atomic.Int64
	return &subject{
		processes: []*process{first.processes[0], second.processes[0]},
		client:    browser(),
		step: func(ctx context.Context, s *subject, l *login, step int) error {
			if step == authorize {
				l.replica = int(logins.Add(1) % 2)
			}
			return both[(l.replica+step)%2].step(ctx, s, l, step)
		},
		counts: func(ctx context.Context) (sum counts, err error) {
			for _, one := range both {
				c, err := one.counts(ctx)
				if err != nil {
					return sum, err
				}
				sum.objects, sum.bytes, sum.trips = sum.objects+c.objects, sum.bytes+c.bytes, sum.trips+c.trips
			}
			return sum, nil
		},
	}, nil
}
