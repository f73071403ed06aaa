package storage

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// What goes to Redis together, in one round trip.
const (
	OnePipeline = "pipeline" // several commands
	OneScript   = "script"   // a script by itself, which nearly always writes
	OneCommand  = "command"  // any other command by itself
)

// What a round trip fails by.
const (
	Unreachable = "unreachable" // there is no way to Redis, or no answer in time
	PoolEmpty   = "pool"        // no connection was free: see Options.PoolSize
	Full        = "full"        // its memory is full, and it takes no writes
	Forbidden   = "forbidden"   // the password, or the rights of this user
	NotNow      = "refused"     // it answers, and does not do it: a replica, loading, no disk, a part of a Cluster that is missing
)

// RoundTrips are what a [RoundTrip] may be.
func RoundTrips() []string { return []string{OnePipeline, OneScript, OneCommand} }

// Failures are what it may fail by.
func Failures() []string { return []string{Unreachable, PoolEmpty, Full, Forbidden, NotNow} }

// RoundTrip is one way to Redis and back.
type RoundTrip struct {
	Kind    string // one of RoundTrips
	Took    time.Duration
	Failure string // one of Failures; empty: Redis has done what was asked
}

// Observe tells seen of every round trip, on the way: it must be quick. Call it before the first.
func (s *Store) Observe(now func() time.Time, seen func(RoundTrip)) {
	s.redis.AddHook(&observer{store: s, now: now, seen: seen})
}

// observer is a redis.Hook.
type observer struct {
	store *Store
	now   func() time.Time
	seen  func(RoundTrip)
}

// DialHook is part of redis.Hook. What a dial fails by, its command fails by.
func (*observer) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

// ProcessHook is part of redis.Hook.
func (o *observer) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		began := o.now()
		err := next(ctx, command)
		kind := OneCommand
		if command.Name() == "eval" {
			kind = OneScript
		}
		o.tell(kind, began, err)
		return err
	}
}

// ProcessPipelineHook is part of redis.Hook.
func (o *observer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		began := o.now()
		err := next(ctx, commands)
		failure := err
		if errors.Is(err, redis.Nil) { // the first error is the pipeline's: behind a value that is not there may be a worse one
			failure = worst(commands)
		}
		o.tell(OnePipeline, began, failure)
		return err
	}
}

func worst(commands []redis.Cmder) error {
	at := slices.IndexFunc(commands, func(c redis.Cmder) bool { return c.Err() != nil && !errors.Is(c.Err(), redis.Nil) })
	if at < 0 {
		return nil
	}
	return commands[at].Err()
}

func (o *observer) tell(kind string, began time.Time, err error) {
	o.seen(RoundTrip{Kind: kind, Took: o.now().Sub(began), Failure: o.store.failureOf(err)})
}

// failureOf names what a round trip fails by. A caller who has gone away has not failed.
func (s *Store) failureOf(err error) string {
	switch {
	case err == nil, errors.Is(err, redis.Nil), errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, redis.ErrPoolTimeout):
		return PoolEmpty
	}
	if why, ok := s.RefusalIn(err); ok {
		switch {
		case strings.Contains(err.Error(), outOfMemory):
			return Full
		case slices.Contains([]string{"username", "password", "sentinel_password"}, why.Setting):
			return Forbidden
		case !isReply(err): // TLS that does not come about
			return Unreachable
		}
	}
	if isReply(err) {
		return NotNow
	}
	return Unreachable
}

// Connections are how those to Redis stand, to all nodes together.
type Connections struct {
	Used, Idle uint32
	Waits      uint32 // since the start: times that somebody had to wait for a free one, and got it
	Timeouts   uint32 // since the start: times that none became free in time
}

// Connections counts them.
func (s *Store) Connections() Connections {
	stats := s.redis.PoolStats()
	idle := min(stats.IdleConns, stats.TotalConns) // they are not counted at one instant
	return Connections{Used: stats.TotalConns - idle, Idle: idle, Waits: stats.WaitCount, Timeouts: stats.Timeouts}
}
