package login

import "time"

// Upstream counts one call to CM.
func (m *Metrics) Upstream(operation, result string, took time.Duration) {
	m.upstream(operation, result, took)
}
