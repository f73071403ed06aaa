package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/storage/storagetest"
)

func TestMetrics(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	b.send(exchange("words"))
	b.send(get("/nothing/here/lucas"))
	for labels, want := range map[string]float64{
		"/token 400": 1, "none 404": 1,
		"/token 503": 0, "/authorize 500": 0, "/logout 429": 0, "none 200": 0, // there before the first
	} {
		if got, ok := series(t, b.registry, "itsme_bridge_requests_total", labels); !ok || got != want {
			t.Errorf("%s: %v, %v", labels, got, ok)
		}
	}
	for _, ceiling := range []string{"address", "line", "client", "total", "pushes_total", "fetches_line"} {
		if got, ok := series(t, b.registry, "itsme_bridge_ceilings_reached_total", ceiling); !ok || got != 0 {
			t.Errorf("%s: %v, %v", ceiling, got, ok)
		}
	}
}

// series is a counter, by the values of its labels in the order of their names.
func series(t *testing.T, registry *prometheus.Registry, name, labels string) (value float64, ok bool) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var values []string
			for _, label := range m.GetLabel() {
				values = append(values, label.GetValue())
			}
			if family.GetName() == name && strings.Join(values, " ") == labels {
				return m.GetCounter().GetValue(), true
			}
		}
	}
	return 0, false
}

// However many words come in, labels stay few.
func TestMetricsAreBounded(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	count := func(name string) int {
		n, err := testutil.GatherAndCount(b.registry, name)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	requests, durations := count("itsme_bridge_requests_total"), count("itsme_bridge_request_duration_seconds")
	for i := range 500 {
		word := fmt.Sprint("word", i)
		m := get("/" + word)
		m.method = strings.ToUpper(word)
		b.send(m)
	}
	if got := count("itsme_bridge_requests_total"); got > requests+2 { // 404 and 405, of no route
		t.Errorf("%d series of requests, and before %d", got, requests)
	}
	if got := count("itsme_bridge_request_duration_seconds"); got != durations {
		t.Errorf("%d series of durations, and before %d", got, durations)
	}
	if problems, err := testutil.GatherAndLint(b.registry); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// Two providers cannot count into the same registry, and say so.
func TestMetricsTwice(t *testing.T) {
	world := storagetest.New(t)
	registry := prometheus.NewRegistry()
	parts := provider.Parts{Store: world.Store, Signer: new(keys.Static), Metrics: registry, Now: world.Now}
	config := provider.Config{Issuer: "https://login.example", Lease: 3, Upstream: 1, WriteBudget: 1}
	if _, err := provider.New(config, parts); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.New(config, parts); err == nil {
		t.Error("no error")
	}
}
