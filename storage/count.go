package storage

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// countScript gives the counter its lifetime in the command that makes it.
const countScript = `
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`

// uncountScript takes back what was counted in a window that is not over. Sent
// twice, it does not go below nothing, which would let others pass uncounted.
const uncountScript = `
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then return redis.call('DECR', KEYS[1]) end
return 0`

// Count adds one to what the subject has done in the present window, and puts the
// sum into dst. Windows are fixed and begin at multiples of their length. Redis
// sees the subject only as a MAC that differs in every window.
func (s *Store) Count(name, subject string, window time.Duration, now time.Time, dst *int64) Op {
	return s.counting(countScript, name, subject, window, now, dst)
}

// Uncount takes one Count back, for somebody who was counted and then did not do it.
func (s *Store) Uncount(name, subject string, window time.Duration, now time.Time) Op {
	return s.counting(uncountScript, name, subject, window, now, new(int64))
}

func (s *Store) counting(script, name, subject string, window time.Duration, now time.Time, dst *int64) Op {
	c := &counting{script: script, name: name, ms: window.Milliseconds(), dst: dst}
	if c.ms > 0 {
		at := strconv.AppendInt(make([]byte, 0, 20), now.UnixMilli()/c.ms, 10) // of a size that needs no heap
		c.key = s.key(name, s.keys.MAC("count", name, subject, string(at)))
	}
	return c
}

type counting struct {
	script, name, key string
	ms                int64 // the window
	dst               *int64
	reply             *redis.Cmd
}

func (c *counting) command(ctx context.Context) (redis.Cmder, error) {
	if c.key == "" {
		return nil, failed("count "+c.name, errTTL)
	}
	c.reply = redis.NewCmd(ctx, "eval", &c.script, 1, &c.key, &c.ms)
	return once{c.reply}, nil // in a Cluster go-redis would send it four times for each that Do does
}

func (c *counting) settle() error {
	n, err := c.reply.Int64()
	if err != nil {
		return failed("count "+c.name, errReply)
	}
	*c.dst = n
	return nil
}
