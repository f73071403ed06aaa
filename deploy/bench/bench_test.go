package main

import (
	"runtime"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// What the usual login costs at most, in objects of Go and in round trips to Redis. Whoever changes these figures knows why.
const (
	mostObjects = 1360 // 1290 to 1320 when this was written; pools and collections make some more or less
	roundTrips  = 7    // 2, 2, 2 and 1: provider's TestRoundTrips
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
	bridge, err := startBridge(t.Context(), t.TempDir(), binary, "ES256", address, cm)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bridge.process.end)
	var spent costs
	if err := bridge.round(t.Context(), 300, redis, &spent); err != nil {
		t.Fatal(err)
	}
	login := spent.whole()
	t.Logf("a login costs %.0f objects, %.1f kB and %.2f round trips", login.objects, login.bytes/1000, login.trips)
	if login.objects > mostObjects {
		t.Errorf("a login costs %.0f objects, want at most %d", login.objects, mostObjects)
	}
	if login.trips < roundTrips || login.trips > roundTrips+0.2 { // a refresh of the keys, or of a ceiling, may come between
		t.Errorf("a login costs %.2f round trips to Redis, want %d", login.trips, roundTrips)
	}
}
