//go:build products && chaos

package chaos_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

// mishap is one of many that come one after another.
type mishap struct {
	name string
	do   func()
}

// mixed lets faults of all kinds come as chance has it, up to three at once. CHAOS_SEED
// repeats a choice.
func mixed(t *testing.T) (*world, func()) {
	t.Helper()
	redis := startRedis(t, "--appendonly", "yes")
	address, faults := storagetest.Relay(t, redis.address)
	w := start(t, 2, single(address), impatient()...)
	seed, err := strconv.ParseUint(os.Getenv("CHAOS_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("CHAOS_SEED=%d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	return w, func() {
		for range lasting(12) {
			var all []mishap
			for _, kind := range [][]mishap{redisMishaps(t, redis), relayMishaps(faults), cmMishaps(w), replicaMishaps(t, w)} {
				if n := chance.IntN(2 * len(kind)); n < len(kind) {
					all = append(all, kind[n])
				}
			}
			var under sync.WaitGroup
			for _, m := range all {
				t.Log(m.name)
				under.Go(m.do)
			}
			under.Wait()
			rest(200 * time.Millisecond)
		}
	}
}

func brief() { rest(700 * time.Millisecond) }

func redisMishaps(t *testing.T, redis *server) []mishap {
	t.Helper()
	return []mishap{
		{"Redis is killed", func() { redis.kill(t); brief(); redis.start(t) }},
		{"Redis is paused", func() { redis.signal(t, syscall.SIGSTOP); brief(); redis.signal(t, syscall.SIGCONT) }},
		{"Redis is full", func() { redis.limit(t, "1"); brief(); redis.limit(t, "0") }},
	}
}

func relayMishaps(f *storagetest.Faults) []mishap {
	return []mishap{
		{"answers are lost", func() { f.DropEvery(2); brief(); f.DropEvery(0) }},
		{"answers are silent", func() { f.Silence(true); brief(); f.Silence(false) }},
		{"answers are slow", func() { f.Slow(200 * time.Millisecond); brief(); f.Slow(0) }},
		{"the way is closed", func() { f.Down(); brief(); f.Up() }},
	}
}

func cmMishaps(w *world) []mishap {
	over := func(before, after fault) func() {
		return func() { w.cm.fail(before, after); brief(); w.cm.fail(nil, nil) }
	}
	return []mishap{
		{"CM hangs", over(hang, nil)},
		{"CM says 500", over(internalError, nil)},
		{"CM cuts", over(cut, nil)},
		{"CM is slow", over(slow, nil)},
		{"CM gives, and cuts", over(nil, whenGiven(cut))},
	}
}

func replicaMishaps(t *testing.T, w *world) []mishap {
	t.Helper()
	var all []mishap
	for _, r := range w.replicas {
		all = append(all,
			mishap{"a replica is killed", func() { r.kill(t); r.restart(t) }},
			mishap{"a replica is stopped", func() { r.stop(t); r.restart(t) }})
	}
	return all
}
