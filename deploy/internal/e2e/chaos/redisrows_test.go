//go:build products && chaos

package chaos_test

import (
	"testing"
	"time"
)

// redisRows are what can happen to one Redis.
func redisRows() []row {
	return []row{
		{name: "nothing", setup: nothing, invisible: true},
		{name: "Redis is killed, and comes back with its AOF", setup: redisKilled},
	}
}

func nothing(t *testing.T) (*world, func()) {
	return start(t, 1, single(startRedis(t).address)), func() { rest(lasting(time.Second)) }
}

func redisKilled(t *testing.T) (*world, func()) {
	redis := startRedis(t, "--appendonly", "yes")
	return start(t, 1, single(redis.address)), func() {
		redis.kill(t)
		rest(lasting(2 * time.Second))
		redis.start(t)
	}
}
