package edge

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/provider/oauth"
)

// requestMetrics count the answers. Every label has few values, and none that a
// stranger chooses.
type requestMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	refused  *prometheus.CounterVec
}

func newRequestMetrics() *requestMetrics {
	m := &requestMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_requests_total", Help: "HTTP requests answered.",
		}, []string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "itsme_bridge_request_duration_seconds", Help: "Time to answer an HTTP request, without what it waited for a decision in the app.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_refused_total", Help: "Requests that were refused and may be part of an attack, by which one.",
		}, []string{"reason"}),
	}
	for _, attack := range oauth.Attacks() {
		m.refused.WithLabelValues(string(attack))
	}
	return m
}

// refuse counts a request that was refused.
func (m *requestMetrics) refuse(a oauth.Attack) { m.refused.WithLabelValues(string(a)).Inc() }

// expect makes the series of a route, so that what is counted on them is there before
// it happens for the first time: a success, and what alerts ask for.
func (m *requestMetrics) expect(pattern string) {
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		m.requests.WithLabelValues(pattern, statusLabel(status))
	}
	m.duration.WithLabelValues(pattern)
}

// request counts one answer. The pattern is a route's, never a URL.
func (m *requestMetrics) request(pattern string, status int, took time.Duration) {
	m.requests.WithLabelValues(pattern, statusLabel(status)).Inc()
	m.duration.WithLabelValues(pattern).Observe(took.Seconds())
}

// OneOf keeps a label to the values that are meant to be there.
func OneOf(value string, allowed ...string) string {
	if slices.Contains(allowed, value) {
		return value
	}
	return "other"
}

// statusLabel is a status that HTTP knows.
func statusLabel(status int) string { return cmp.Or(statuses[status], "other") }

// statuses are those that HTTP knows, as labels.
var statuses = func() map[int]string { // read only
	known := map[int]string{}
	for status := 100; status < 600; status++ {
		if http.StatusText(status) != "" {
			known[status] = strconv.Itoa(status)
		}
	}
	return known
}()
