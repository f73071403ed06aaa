package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/provider"
	"itsme-bridge/storage/storagetest"
)

func TestMetrics(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	b.send(exchange("words"))
	b.send(get("/nothing/here/lucas"))
	want := `
# HELP itsme_bridge_requests_total HTTP requests answered.
# TYPE itsme_bridge_requests_total counter
itsme_bridge_requests_total{route="/token",status="400"} 1
itsme_bridge_requests_total{route="none",status="404"} 1
`
	if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want), "itsme_bridge_requests_total"); err != nil {
		t.Error(err)
	}
}

// However many words come in, labels stay few.
func TestMetricsAreBounded(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for i := range 500 {
		word := fmt.Sprint("word", i)
		m := get("/" + word)
		m.method = strings.ToUpper(word)
		b.send(m)
	}
	for _, name := range []string{"itsme_bridge_requests_total", "itsme_bridge_request_duration_seconds"} {
		if got, err := testutil.GatherAndCount(b.registry, name); err != nil || got != 1 {
			t.Errorf("%s: %d series, %v", name, got, err)
		}
	}
	if problems, err := testutil.GatherAndLint(b.registry); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// Two providers cannot count into the same registry, and say so.
func TestMetricsTwice(t *testing.T) {
	world := storagetest.New(t)
	registry := prometheus.NewRegistry()
	parts := provider.Parts{Store: world.Store, Metrics: registry, Now: world.Now}
	config := provider.Config{Issuer: "https://login.example", Lease: 3, Upstream: 1, WriteBudget: 1}
	if _, err := provider.New(config, parts); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.New(config, parts); err == nil {
		t.Error("no error")
	}
}
