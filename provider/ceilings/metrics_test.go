package ceilings_test

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/storage/storagetest"
)

// Whoever is above a ceiling is counted, by which one it was.
func TestCeilingsThatWereReached(t *testing.T) {
	world, registry := storagetest.New(t), prometheus.NewRegistry()
	limits := ceilings.Limits{Window: time.Minute, Total: 8, PerClient: 1, PerAddress: 2}
	c, err := ceilings.New(limits, world.Store, registry, world.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx := edge.WithAddress(httptest.NewRequest("GET", "/", nil), netip.MustParseAddr("2001:db8::1")).Context()
	page := &client.Client{AuthMethod: client.None}
	page.ID = "page"
	for range 9 {
		_, _ = c.Count(ctx, ceilings.Start{Client: "app", Login: "login", At: world.Now()}, nil)
		_ = c.CountPush(ctx, page)
		_ = c.CountFetch(ctx)
	}
	for range 32 {
		c.CountFailure(ctx, "app")
	}
	for range 5 {
		_ = c.Keep("app", 128<<20, time.Minute)
	}
	for range 301 {
		_ = c.CountLogin("login")
	}
	want := `
# HELP itsme_bridge_ceilings_reached_total Starts, pushes, fetches and calls that were above a ceiling, by which one it was.
# TYPE itsme_bridge_ceilings_reached_total counter
itsme_bridge_ceilings_reached_total{ceiling="address"} 7
itsme_bridge_ceilings_reached_total{ceiling="client"} 8
itsme_bridge_ceilings_reached_total{ceiling="failures"} 2
itsme_bridge_ceilings_reached_total{ceiling="fetches_address"} 7
itsme_bridge_ceilings_reached_total{ceiling="fetches_line"} 0
itsme_bridge_ceilings_reached_total{ceiling="kept_client"} 4
itsme_bridge_ceilings_reached_total{ceiling="line"} 1
itsme_bridge_ceilings_reached_total{ceiling="login"} 1
itsme_bridge_ceilings_reached_total{ceiling="pushes_address"} 7
itsme_bridge_ceilings_reached_total{ceiling="pushes_client"} 1
itsme_bridge_ceilings_reached_total{ceiling="pushes_line"} 0
itsme_bridge_ceilings_reached_total{ceiling="pushes_total"} 0
itsme_bridge_ceilings_reached_total{ceiling="total"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}
