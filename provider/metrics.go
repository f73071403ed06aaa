package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what the provider does. Every label has few values, and none
// that a stranger chooses.
type metrics struct {
	requests         *prometheus.CounterVec
	requestDuration  *prometheus.HistogramVec
	logins           *prometheus.CounterVec
	upstreams        *prometheus.CounterVec
	upstreamDuration *prometheus.HistogramVec
	notices          *prometheus.CounterVec
}

// newMetrics registers them. Without a registerer they count for nobody.
func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_requests_total", Help: "HTTP requests answered.",
		}, []string{"route", "status"}),
		requestDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "itsme_bridge_request_duration_seconds", Help: "Time to answer an HTTP request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
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
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_logout_notices_total", Help: "What became of telling a client of a logout.",
		}, []string{"client", "result"}),
	}
	if registerer == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.requestDuration, m.logins, m.upstreams, m.upstreamDuration, m.notices} {
		if err := registerer.Register(c); err != nil {
			return nil, fmt.Errorf("provider: metrics: %w", err)
		}
	}
	return m, nil
}

// request counts one answer. The pattern is a route's, never a URL.
func (m *metrics) request(pattern string, status int, took time.Duration) {
	m.requests.WithLabelValues(pattern, statusLabel(status)).Inc()
	m.requestDuration.WithLabelValues(pattern).Observe(took.Seconds())
}

// login counts what became of a login. The client is a registered one.
func (m *metrics) login(client, outcome string) {
	m.logins.WithLabelValues(client, oneOf(outcome, string(success), "session", "left", string(Waiting), string(Cancelled),
		string(Failed), string(Expired), string(NoData), string(Unavailable), string(Refused), string(Stranger))).Inc()
}

// upstream counts one call to CM.
func (m *metrics) upstream(operation, result string, took time.Duration) {
	operation = oneOf(operation, "start", "status")
	m.upstreams.WithLabelValues(operation, oneOf(result, "ok", "refused", "taken", "bad_answer", "unavailable")).Inc()
	m.upstreamDuration.WithLabelValues(operation).Observe(took.Seconds())
}

// notice counts what became of telling a client of a logout. The client was a
// registered one when the notice was written.
func (m *metrics) notice(client, result string) {
	m.notices.WithLabelValues(client, oneOf(result, "delivered", "failed", "given_up")).Inc()
}

// oneOf keeps a label to the values that are meant to be there.
func oneOf(value string, allowed ...string) string {
	if slices.Contains(allowed, value) {
		return value
	}
	return "other"
}

// statusLabel is a status that HTTP knows.
func statusLabel(status int) string {
	if http.StatusText(status) == "" {
		return "other"
	}
	return strconv.Itoa(status)
}
