package login_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/login"
)

// opener says how many logins are open, and how often it was asked.
type opener struct {
	open, asked int
	err         error
}

func (o *opener) Open(context.Context) (int, error) {
	o.asked++
	return o.open, o.err
}

// metrics are those of a bridge with two clients.
type metrics interface {
	Register(clients ...string)
	Login(client, outcome string)
	Transaction(client, end string)
	Step(client, step string)
	Began(client string)
	Upstream(operation, result string, took time.Duration)
}

func counted(t *testing.T) (metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewRegistry()
	m, err := login.NewMetrics(registry, &opener{}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	m.Register("web", "shop")
	return m, registry
}

// series are those of a metric, with their values, a line each, without its name.
func series(t *testing.T, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "itsme_bridge_"+name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				labels = append(labels, label.GetValue())
			}
			found[strings.Join(labels, " ")] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return found
}

// Every series of every client is there before anything happens, and goes with its client.
func TestSeriesAreThereBeforeTheirFirstEvent(t *testing.T) {
	m, registry := counted(t)
	want := map[string]int{ // of one client
		"logins_begun_total": 1, "logins_total": len(ledger.Outcomes()), "login_steps_total": 7,
		"transactions_total": len(ledger.Transactions()) + 1,
	}
	look := func(clients ...string) {
		t.Helper()
		for name, n := range want {
			all := series(t, registry, name)
			if len(all) != n*len(clients) {
				t.Errorf("%s: %d series, want %d of each of %q: %v", name, len(all), n, clients, all)
			}
			for labels, value := range all {
				if value != 0 {
					t.Errorf("%s %s: %v", name, labels, value)
				}
			}
		}
	}
	look("web", "shop")
	m.Login("shop", "success")
	m.Register("web", "new")
	look("web", "new")
	m.Register()
	look()
	for name, n := range map[string]int{"uncounted_total": 1, "upstream_requests_total": 9, "logins_open": 1} {
		if got := series(t, registry, name); len(got) != n {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestMetrics(t *testing.T) {
	m, registry := counted(t)
	m.Began("web")
	m.Login("web", "cancelled")
	m.Transaction("web", "started")
	m.Transaction("web", "cancelled")
	m.Step("web", "returned")
	m.Upstream("start", "bad_answer", time.Second)
	for name, labels := range map[string]string{
		"logins_begun_total": "web", "logins_total": "web cancelled", "login_steps_total": "web returned",
		"transactions_total": "web started", "upstream_requests_total": "start bad_answer",
	} {
		if got := series(t, registry, name)[labels]; got != 1 {
			t.Errorf("%s %s: %v", name, labels, got)
		}
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) != 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// However many words come in, labels stay few; a client that is not there (any more) is
// another one.
func TestMetricsAreBounded(t *testing.T) {
	m, registry := counted(t)
	names := []string{"logins_begun_total", "logins_total", "transactions_total", "upstream_requests_total"}
	before := map[string]int{}
	for _, name := range names {
		before[name] = len(series(t, registry, name))
	}
	for i := range 500 {
		word := fmt.Sprint("word", i)
		m.Began(word)
		m.Login(word, word)
		m.Transaction(word, word)
		m.Upstream(word, word, time.Second)
	}
	for _, name := range names {
		all := series(t, registry, name)
		if len(all) != before[name]+1 {
			t.Errorf("%s: %d series, were %d", name, len(all), before[name])
		}
		for labels, n := range all {
			if (n == 500) != strings.HasPrefix(labels, "other") {
				t.Errorf("%s %s: %v", name, labels, n)
			}
		}
	}
}

// Redis is asked how many logins are open every ten seconds at most, and nothing is told
// that it does not say.
func TestHowManyAreOpenIsAskedNowAndThen(t *testing.T) {
	registry, open, now := prometheus.NewRegistry(), &opener{open: 7}, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	if _, err := login.NewMetrics(registry, open, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	look := func(want map[string]float64, asked int) {
		t.Helper()
		if got := series(t, registry, "logins_open"); len(got) != len(want) || got[""] != want[""] || open.asked != asked {
			t.Errorf("%v, want %v; asked %d times, want %d", got, want, open.asked, asked)
		}
	}
	look(map[string]float64{"": 7}, 1)
	open.open = 8
	now = now.Add(9 * time.Second)
	look(map[string]float64{"": 7}, 1)
	now = now.Add(time.Second)
	look(map[string]float64{"": 8}, 2)
	open.err = errors.New("redis is away")
	now = now.Add(10 * time.Second)
	look(nil, 3)
	look(nil, 3)
}
