package ceilings

import "github.com/prometheus/client_golang/prometheus"

// The ceilings, as the metric calls them. A line is an IPv6 /56.
const (
	address  = "address"
	line     = "line"
	ofClient = "client" // soft: the person is asked to click
	total    = "total"

	pushesOfAddress = "pushes_address"
	pushesOfLine    = "pushes_line"
	pushesOfClient  = "pushes_client"
	pushesOfAll     = "pushes_total"

	fetchesOfAddress = "fetches_address"
	fetchesOfLine    = "fetches_line"

	failures     = "failures"    // of an address, in the name of a client
	keptOfClient = "kept_client" // what a client with a secret or a key leaves in Redis
	ofLogin      = "login"       // what is done with the tokens of one login
)

// reached counts who was above a ceiling.
type reached struct{ total *prometheus.CounterVec }

func newReached() *reached {
	r := &reached{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "itsme_bridge_ceilings_reached_total", Help: "Starts, pushes, fetches and calls that were above a ceiling, by which one it was.",
	}, []string{"ceiling"})}
	for _, ceiling := range []string{
		address, line, ofClient, total, pushesOfAddress, pushesOfLine, pushesOfClient, pushesOfAll, fetchesOfAddress, fetchesOfLine,
		failures, keptOfClient, ofLogin,
	} {
		r.total.WithLabelValues(ceiling)
	}
	return r
}

func (r *reached) reached(ceiling string) { r.total.WithLabelValues(ceiling).Inc() }
