package login

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// opener knows how many logins are under way. *ledger.Ledger is one.
type opener interface {
	Open(ctx context.Context) (int, error)
}

// How often Redis is asked how many logins are under way, at most, and how long a
// scrape waits for it.
const (
	askOpenEvery = 10 * time.Second
	openPatience = time.Second
)

// openGauge is a metric of how many logins are under way. It has no value while
// Redis does not tell.
type openGauge struct {
	opener opener
	now    func() time.Time
	desc   *prometheus.Desc

	mu    sync.Mutex
	asked time.Time
	open  int
	err   error
}

func newOpenGauge(o opener, now func() time.Time) *openGauge {
	return &openGauge{opener: o, now: now, desc: prometheus.NewDesc("itsme_bridge_logins_open",
		"Logins under way in the whole deployment: their deadline is not over, and they have not ended.", nil, nil)}
}

// Describe is part of prometheus.Collector.
func (g *openGauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect is part of prometheus.Collector.
func (g *openGauge) Collect(to chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.now(); g.asked.IsZero() || now.Sub(g.asked) >= askOpenEvery {
		ctx, cancel := context.WithTimeout(context.Background(), openPatience)
		defer cancel()
		g.open, g.err = g.opener.Open(ctx)
		g.asked = now
	}
	if g.err == nil {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(g.open))
	}
}
