package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// probeLife is how long the key of a probe stays.
const probeLife = 10 * time.Second

// probedSlots is how many keys a Cluster is probed with, so that each of its masters
// most probably has one of them.
const probedSlots = 32

// probeScript is a write by a script, as nearly all here are.
const probeScript = `
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
return redis.call('GET', KEYS[1])`

// TakesWrites finds out, in a pipeline, whether what belongs to an id could be written.
func (s *Store) TakesWrites(id string) Op { return &trial{id: id, key: s.key("probe", id)} }

type trial struct{ id, key string }

func (t *trial) command(ctx context.Context) (redis.Cmder, error) {
	if err := checkID(t.id); err != nil {
		return nil, failed("probe", err)
	}
	return evaluation(ctx, probeScript, []string{t.key}, probeLife.Milliseconds()), nil
}

func (*trial) settle() error { return nil }

// Probe reports whether Redis takes our writes, by a small one in one round trip. Where
// it does not, [Store.RefusalIn] may know why.
func (s *Store) Probe(ctx context.Context) error {
	keys := 1
	if s.mode == "cluster" {
		keys = probedSlots
	}
	pipe := s.redis.Pipeline()
	for i := range keys {
		pipe.Eval(ctx, probeScript, []string{s.key("probe", strconv.Itoa(i))}, probeLife.Milliseconds())
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return unavailable("probe", err)
	}
	return nil
}
