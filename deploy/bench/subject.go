package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// steps are the requests of a login, in their order.
const (
	authorize = iota
	comeBack
	redeem
	userinfo
	steps
)

// subject is what is measured.
type subject struct {
	process *process
	started time.Duration // from its start to its first answer
	client  *http.Client

	// step sends one request of a login, which keeps what the next one needs.
	step func(ctx context.Context, s *subject, l *login, step int) error

	// counts are Go's and the bridge's own.
	counts func(ctx context.Context) (counts, error)
}

// login is what a browser and a client know of one.
type login struct{ cookie, back, code, token string }

// counts are of a process since its start.
type counts struct{ objects, bytes, trips float64 }

// cost is that of one step of one login.
type cost struct {
	cpu, redis time.Duration
	counts
}

// costs are of all rounds: each step's, in each round.
type costs struct{ rounds [][steps]cost }

// whole is the mean cost of a login.
func (c *costs) whole() (sum cost) {
	for step := range steps {
		of := c.of(step)
		sum.cpu += of.cpu
		sum.redis += of.redis
		sum.objects += of.objects
		sum.bytes += of.bytes
		sum.trips += of.trips
	}
	return sum
}

// of is the mean cost of a step.
func (c *costs) of(step int) (mean cost) {
	n := float64(len(c.rounds))
	for _, round := range c.rounds {
		mean.cpu += time.Duration(float64(round[step].cpu) / n)
		mean.redis += time.Duration(float64(round[step].redis) / n)
		mean.objects += round[step].objects / n
		mean.bytes += round[step].bytes / n
		mean.trips += round[step].trips / n
	}
	return mean
}

// warmUp is how many logins come before those that count.
const warmUp = 100

// round takes so many logins through each step, one step after the other.
func (s *subject) round(ctx context.Context, logins int, redis *process, into *costs) error {
	for range warmUp {
		if err := s.whole(ctx); err != nil {
			return err
		}
	}
	all := make([]login, logins)
	var round [steps]cost
	for step := range steps {
		before, err := s.spent(ctx, redis)
		if err != nil {
			return err
		}
		for i := range all {
			if err := s.step(ctx, s, &all[i], step); err != nil {
				return err
			}
		}
		after, err := s.spent(ctx, redis)
		if err != nil {
			return err
		}
		n := float64(logins)
		round[step] = cost{
			cpu: (after.cpu - before.cpu) / time.Duration(logins), redis: (after.redis - before.redis) / time.Duration(logins),
			counts: counts{(after.objects - before.objects) / n, (after.bytes - before.bytes) / n, (after.trips - before.trips) / n},
		}
	}
	into.rounds = append(into.rounds, round)
	return nil
}

// whole is one login.
func (s *subject) whole(ctx context.Context) error {
	var l login
	for step := range steps {
		if err := s.step(ctx, s, &l, step); err != nil {
			return err
		}
	}
	return nil
}

// spent is what all has cost so far.
func (s *subject) spent(ctx context.Context, redis *process) (c cost, err error) {
	if c.cpu, err = s.process.cpu(); err != nil {
		return c, err
	}
	if c.redis, err = redis.cpu(); err != nil {
		return c, err
	}
	if c.counts, err = s.counts(ctx); err != nil {
		return c, fmt.Errorf("counts: %w", err)
	}
	return c, nil
}
