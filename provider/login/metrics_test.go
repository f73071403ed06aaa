package login_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/provider/login"
)

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := login.NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	m.Login("web", "cancelled")
	m.Upstream("start", "bad_answer", time.Second)
	want := `
# HELP itsme_bridge_logins_total What CM said of a login, or what became of it.
# TYPE itsme_bridge_logins_total counter
itsme_bridge_logins_total{client="web",outcome="cancelled"} 1
# HELP itsme_bridge_upstream_requests_total Calls to CM.
# TYPE itsme_bridge_upstream_requests_total counter
itsme_bridge_upstream_requests_total{operation="start",result="bad_answer"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"itsme_bridge_logins_total", "itsme_bridge_upstream_requests_total"); err != nil {
		t.Error(err)
	}
}

// However many words come in, labels stay few.
func TestMetricsAreBounded(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := login.NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		word := fmt.Sprint("word", i)
		m.Login("web", word)
		m.Upstream(word, word, time.Second)
	}
	for _, name := range []string{
		"itsme_bridge_logins_total", "itsme_bridge_upstream_requests_total", "itsme_bridge_upstream_duration_seconds",
	} {
		if got, err := testutil.GatherAndCount(registry, name); err != nil || got != 1 {
			t.Errorf("%s: %d series, %v", name, got, err)
		}
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}
