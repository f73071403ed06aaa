package main

import (
	"runtime"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// What the usual login costs in objects of Go, and in round trips to Redis. Whoever changes these figures knows why, and says so in
// deploy/BENCHMARKS.md.
const (
	usualObjects = 875
	slack        = 12 // the least of three rounds differs by six or so from run to run: of collections, and of what the bridge does besides
	roundTrips   = 7  // 2, 2, 2 and 1: provider's TestRoundTrips
)

func TestTheUsualLoginCostsNoMore(t *testing.T) {
	storagetest.Real(t) // there is a redis-server, or the test skips
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says what a process costs")
	}
	binary, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
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
	var all costs
	for range 3 {
		if err := bridge.round(t.Context(), 600, redis, &all); err != nil {
			t.Fatal(err)
		}
	}
	least := (&costs{all.rounds[:1]}).whole().counts
	for i := range all.rounds {
		round := (&costs{all.rounds[i : i+1]}).whole().counts
		t.Logf("a login costs %.1f objects, %.1f kB and %.3f round trips", round.objects, round.bytes/1000, round.trips)
		least.objects, least.trips = min(least.objects, round.objects), min(least.trips, round.trips)
	}
	if least.objects > usualObjects+slack {
		t.Errorf("a login costs %.1f objects, and cost %d", least.objects, usualObjects)
	}
	if least.trips < roundTrips-0.05 || least.trips > roundTrips+0.1 { // a refresh of the keys, or of a ceiling, may come between
		t.Errorf("a login costs %.3f round trips to Redis, want %d", least.trips, roundTrips)
	}
}
