package login

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/provider/edge"
)

// metrics count what becomes of logins, and the calls to CM. Every label has few
// values, and none that a stranger chooses.
type metrics struct {
	logins           *prometheus.CounterVec
	upstreams        *prometheus.CounterVec
	upstreamDuration *prometheus.HistogramVec
}

// newMetrics registers them. Without a registerer they count for nobody.
func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_logins_total", Help: "What CM said of a login, or what became of it.",
		}, []string{"client", "outcome"}),
		upstreams: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_upstream_requests_total", Help: "Calls to CM.",
		}, []string{"operation", "result"}),
		upstreamDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "itsme_bridge_upstream_duration_seconds", Help: "Time of a call to CM.",
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
	}
	return m, edge.Register(registerer, m.logins, m.upstreams, m.upstreamDuration)
}

// login counts what became of a login. The client is a registered one.
func (m *metrics) login(client, outcome string) {
	m.logins.WithLabelValues(client, edge.OneOf(outcome, string(success), "session", "left", "restarted", string(Waiting), string(Cancelled),
		string(Failed), string(Expired), string(NoData), string(Unavailable), string(Refused), string(Stranger))).Inc()
}

// upstream counts one call to CM.
func (m *metrics) upstream(operation, result string, took time.Duration) {
	operation = edge.OneOf(operation, "start", "status")
	m.upstreams.WithLabelValues(operation, edge.OneOf(result, "ok", "refused", "taken", "bad_answer", "unavailable")).Inc()
	m.upstreamDuration.WithLabelValues(operation).Observe(took.Seconds())
}
