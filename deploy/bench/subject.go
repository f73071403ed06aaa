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
	processes []*process    // one, or replicas
	started   time.Duration // from the start of the first to its first answer
	issuer    string        // host and port of a bridge's
	client    *http.Client

	// step sends one request of a login, which keeps what the next one needs.
	step func(ctx context.Context, s *subject, l *login, step int) error

	// counts are Go's and the bridge's own.
	counts func(ctx context.Context) (counts, error)
}

// end ends its processes.
func (s *subject) end() {
	for _, p := range s.processes {
		p.end()
	}
}

// login is what a browser and a client know of one.
type login struct {
	cookie, back, code, token string

	replica int // that took its first request
}

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
	asking, err := s.asking(ctx, redis)
	if err != nil {
		return err
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
		round[step] = after.less(before).less(asking).each(logins)
	}
	into.rounds = append(into.rounds, round)
	return nil
}

// asking is what it costs to ask a subject what it has spent.
func (s *subject) asking(ctx context.Context, redis *process) (cost, error) {
	const times = 20
	before, err := s.spent(ctx, redis)
	if err != nil {
		return cost{}, err
	}
	after := before
	for range times {
		if after, err = s.spent(ctx, redis); err != nil {
			return cost{}, err
		}
	}
	return after.less(before).each(times), nil
}

// less is what is left of a cost without another.
func (c cost) less(other cost) cost {
	return cost{
		c.cpu - other.cpu, c.redis - other.redis,
		counts{c.objects - other.objects, c.bytes - other.bytes, c.trips - other.trips},
	}
}

// each is the share of one in so many.
func (c cost) each(n int) cost {
	of := float64(n)
	return cost{c.cpu / time.Duration(n), c.redis / time.Duration(n), counts{c.objects / of, c.bytes / of, c.trips / of}}
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
	for _, p := range s.processes {
		cpu, err := p.cpu()
		if err != nil {
			return c, err
		}
		c.cpu += cpu
	}
	if c.redis, err = redis.cpu(); err != nil {
		return c, err
	}
	if c.counts, err = s.counts(ctx); err != nil {
		return c, fmt.Errorf("counts: %w", err)
	}
	return c, nil
}
