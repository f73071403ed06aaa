package login

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// NewMetrics registers the metrics of logins.
func NewMetrics(registerer prometheus.Registerer) (*metrics, error) {
	return newMetrics(registerer)
}

// Login counts what became of a login.
func (m *metrics) Login(client, outcome string) { m.login(client, outcome) }

// Upstream counts one call to CM.
func (m *metrics) Upstream(operation, result string, took time.Duration) {
	m.upstream(operation, result, took)
}
