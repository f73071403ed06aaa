package app

import (
	"cmp"
	"errors"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"itsme-bridge/storage"
)

// metrics are what the process and the app itself count. What is looked up when
// somebody asks is in standing.go; what requests and logins count is in the provider's rooms.
type metrics struct {
	registry          *prometheus.Registry
	reloads           *prometheus.CounterVec
	reloaded          prometheus.Gauge
	reloadTaken       prometheus.Gauge
	refreshFailures   prometheus.Counter
	notBeforeFailures prometheus.Counter
	roundTrips        *prometheus.HistogramVec
	redisFailures     *prometheus.CounterVec
	auditLost         prometheus.Counter
}

// What becomes of a reload.
const (
	taken   = "taken"
	refused = "refused"
)

func newMetrics(registry *prometheus.Registry, version, revision string, now func() time.Time) (*metrics, error) {
	m := &metrics{
		registry:          registry,
		reloads:           counters("reloads_total", "Configurations read again, and whether they were taken.", "result"),
		reloaded:          gauge("last_reload_timestamp_seconds", "When the configuration was last read, at the start or again."),
		reloadTaken:       gauge("last_reload_successful", "1 where the configuration that was last read was taken, 0 where it was refused."),
		refreshFailures:   counter("key_refresh_failures_total", "Times that the signing keys could not be refreshed."),
		notBeforeFailures: counter("not_before_refresh_failures_total", "Times that it could not be asked which logins were revoked."),
		roundTrips: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "redis_command_duration_seconds", Help: "Time of a round trip to Redis, by what was sent.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"kind"}),
		auditLost:     counter("audit_events_lost_total", "Events of the audit stream that could not be written."),
		redisFailures: counters("redis_failures_total", "Round trips to Redis that failed, and by what.", "reason"),
	}
	for _, result := range []string{taken, refused} {
		m.reloads.WithLabelValues(result)
	}
	m.reloaded.Set(seconds(now()))
	m.reloadTaken.Set(1)
	for _, kind := range storage.RoundTrips() {
		m.roundTrips.WithLabelValues(kind)
	}
	for _, reason := range storage.Failures() {
		m.redisFailures.WithLabelValues(reason)
	}
	var errs []error
	for _, c := range []prometheus.Collector{
		m.reloads, m.reloaded, m.reloadTaken, m.refreshFailures, m.notBeforeFailures, m.roundTrips, m.redisFailures, m.auditLost, buildInfo(version, revision),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		errs = append(errs, registry.Register(c))
	}
	return m, errors.Join(errs...)
}

// namespace begins the name of every metric of ours.
const namespace = "itsme_bridge"

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// reload counts a configuration that was read again.
func (m *metrics) reload(result string, now time.Time) {
	m.reloads.WithLabelValues(result).Inc()
	m.reloaded.Set(seconds(now))
	m.reloadTaken.Set(one(result == taken))
}

// one is how a metric says yes.
func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// roundTrip counts one to Redis.
func (m *metrics) roundTrip(trip storage.RoundTrip) {
	m.roundTrips.WithLabelValues(trip.Kind).Observe(trip.Took.Seconds())
	if trip.Failure != "" {
		m.redisFailures.WithLabelValues(trip.Failure).Inc()
	}
}

// buildInfo is what is running.
func buildInfo(version, revision string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "1, with what is running.",
		ConstLabels: prometheus.Labels{"version": version, "revision": cmp.Or(revision, "unknown"), "go_version": runtime.Version()},
	})
	info.Set(1)
	return info
}
