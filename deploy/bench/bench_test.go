package main

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// What the usual login costs in objects of Go, in their bytes, and in round trips to Redis. Whoever changes these figures knows
// why, and says so in deploy/BENCHMARKS.md.
const (
	usualObjects = 800
	usualBytes   = 92_920
	slack        = 300 // bytes: they differ by some 10 from run to run
	roundTrips   = 7   // 2, 2, 2 and 1: provider's TestRoundTrips
)

// How often so many logins are counted together. Now and then the bridge does something else meanwhile, or net/http reads a
// connection a moment earlier or later: the middle one of so many is the same in each run, to a tenth of an object.
const (
	times  = 100
	logins = 10
)

func TestTheUsualLoginCostsAsMuch(t *testing.T) {
	storagetest.Real(t) // there is a redis-server, or the test skips
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says what a process costs")
	}
	binary, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOGC", "off") // what is kept for later use is not collected, and made anew; a compiler would need twice the memory
	redis, address, err := startRedis(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.end)
	cm, stop, err := serveCM(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	bridge, err := world{t.TempDir(), binary, "ES256", address, cm}.startBridge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bridge.end)
	spent := func(logins int) counts { // in all, with what it costs to ask
		t.Helper()
		before, failed := bridge.counts(t.Context())
		for range logins {
			failed = errors.Join(failed, bridge.whole(t.Context()))
		}
		after, err := bridge.counts(t.Context())
		if err = errors.Join(failed, err); err != nil {
			t.Fatal(err)
		}
		return counts{after.objects - before.objects, after.bytes - before.bytes, after.trips - before.trips}
	}
	spent(warmUp)
	var objects, bytes, trips []float64
	for range times {
		asking, all := spent(0), spent(logins)
		objects = append(objects, (all.objects-asking.objects)/logins)
		bytes = append(bytes, (all.bytes-asking.bytes)/logins)
		trips = append(trips, (all.trips-asking.trips)/logins)
	}
	t.Logf("%s, %s: a login costs %.1f objects, %.2f kB and %.1f round trips",
		runtime.Version(), runtime.GOARCH, middle(objects), middle(bytes)/1000, middle(trips))
	if got := math.Round(middle(objects)); got != usualObjects {
		t.Errorf("a login costs %.0f objects, and cost %d: if that is meant, the new figure belongs here", got, usualObjects)
	}
	if got := middle(bytes); math.Abs(got-usualBytes) > slack {
		t.Errorf("a login costs %.0f bytes, and cost %d: if that is meant, the new figure belongs here", got, usualBytes)
	}
	if middle(trips) != roundTrips {
		t.Errorf("a login costs %.1f round trips to Redis, want %d", middle(trips), roundTrips)
	}
}

// middle is the median.
func middle(figures []float64) float64 {
	slices.Sort(figures)
	return figures[len(figures)/2]
}
