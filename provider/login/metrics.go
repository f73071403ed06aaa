package login

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/ledger"
)

// metrics count what becomes of logins, and the calls to CM. Every label has few
// values, and none that a stranger chooses; every series of a registered client is
// there before anything happens.
type metrics struct {
	begun            *prometheus.CounterVec
	logins           *prometheus.CounterVec
	steps            *prometheus.CounterVec
	transactions     *prometheus.CounterVec
	uncounted        prometheus.Counter
	upstreams        *prometheus.CounterVec
	upstreamDuration *prometheus.HistogramVec

	// The labels that there can be.
	outcomes, ends, operations, results []string

	mu      sync.Mutex
	clients map[string]bool
}

// Step is something that happens on the way of a login. It may happen again.
type Step string

// The steps.
const (
	StepAsked      Step = "asked"         // a person was shown the page "Continue with itsme"
	StepReturned   Step = "returned"      // a browser came back from itsme, with cookie and proof
	StepWaiting    Step = "waiting"       // it came back, and CM says that nothing is decided
	StepUnanswered Step = "unanswered"    // it came back, and CM gave no answer
	StepRetried    Step = "retried"       // the next attempt was begun
	StepStranger   Step = "stranger"      // a browser came that has not begun the login
	StepRedeemed   Step = "code_redeemed" // a client got tokens for its code
)

func steps() []Step {
	return []Step{StepAsked, StepReturned, StepWaiting, StepUnanswered, StepRetried, StepStranger, StepRedeemed}
}

// started is what a transaction is counted as that CM has certainly made. What
// becomes of it is counted beside that: see [ledger.Transactions].
const started = "started"

// gone is the label of a client that is not registered any more.
const gone = "other"

// newMetrics registers them. Without a registerer they count for nobody.
func newMetrics(registerer prometheus.Registerer, open opener, more []prometheus.Collector, now func() time.Time) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "itsme_bridge_" + name, Help: help}, labels)
	}
	m := &metrics{
		begun:        counter("logins_begun_total", "Logins for which CM was asked for a transaction.", "client"),
		logins:       counter("logins_total", "How logins ended, each in one way; what nobody ever came back to is counted later.", "client", "outcome"),
		steps:        counter("login_steps_total", "What happened on the way of logins; a login may have any of them several times.", "client", "step"),
		transactions: counter("transactions_total", "CM's transactions that were started, and what became of them, as the command usage counts them.", "client", "end"),
		uncounted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "itsme_bridge_uncounted_total", Help: "What Redis was not told of transactions, so that usage may miss it.",
		}),
		upstreams: counter("upstream_requests_total", "Calls to CM.", "operation", "result"),
		upstreamDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "itsme_bridge_upstream_duration_seconds", Help: "Time of a call to CM.",
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		outcomes:   ledger.Outcomes(),
		ends:       append(ledger.Transactions(), started),
		operations: []string{opStart, opStatus},
		results:    upstreamResults()[opStatus],
	}
	for operation, results := range upstreamResults() {
		m.upstreamDuration.WithLabelValues(operation)
		for _, result := range results {
			m.upstreams.WithLabelValues(operation, result)
		}
	}
	return m, edge.Register(registerer, append(more, m.begun, m.logins, m.steps, m.transactions, m.uncounted, m.upstreams, m.upstreamDuration,
		newOpenGauge(open, now))...)
}

// upstreamResults are what a call to CM can come to.
func upstreamResults() map[string][]string {
	return map[string][]string{
		opStart:  {"ok", "refused", "bad_answer", "unavailable"},
		opStatus: {"ok", "refused", "taken", "bad_answer", "unavailable"},
	}
}

// register makes the series of the clients that there are now, and drops those of
// others.
func (m *metrics) register(clients []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := map[string]bool{}
	for _, client := range clients {
		now[client] = true
		m.begun.WithLabelValues(client)
		for _, outcome := range m.outcomes {
			m.logins.WithLabelValues(client, outcome)
		}
		for _, step := range steps() {
			m.steps.WithLabelValues(client, string(step))
		}
		for _, end := range m.ends {
			m.transactions.WithLabelValues(client, end)
		}
	}
	for client := range maps.Keys(m.clients) {
		if !now[client] {
			for _, of := range []*prometheus.CounterVec{m.begun, m.logins, m.steps, m.transactions} {
				of.DeletePartialMatch(prometheus.Labels{"client": client})
			}
		}
	}
	m.clients = now
}

// count adds one to what a client has.
func (m *metrics) count(of *prometheus.CounterVec, client string, more ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.clients[client] {
		client = gone
	}
	of.WithLabelValues(append(append(make([]string, 0, 2), client), more...)...).Inc() // of a size that needs no heap
}

func (m *metrics) began(client string) { m.count(m.begun, client) }

// login counts how a login ended.
func (m *metrics) login(client, outcome string) {
	m.count(m.logins, client, edge.OneOf(outcome, m.outcomes...))
}

func (m *metrics) step(client string, step Step) { m.count(m.steps, client, string(step)) }

// transaction counts one that was started, or what became of one.
func (m *metrics) transaction(client, end string) {
	m.count(m.transactions, client, edge.OneOf(end, m.ends...))
}

// upstream counts one call to CM.
func (m *metrics) upstream(operation, result string, took time.Duration) {
	operation = edge.OneOf(operation, m.operations...)
	m.upstreams.WithLabelValues(operation, edge.OneOf(result, m.results...)).Inc()
	m.upstreamDuration.WithLabelValues(operation).Observe(took.Seconds())
}

// Registered says which clients there are now.
func (l *Logins) Registered(clients []string) {
	l.metrics.register(clients)
	l.desk.registered(clients)
}

// CountStep counts something that happened on the way of a login of a client.
func (l *Logins) CountStep(client string, step Step) { l.metrics.step(client, step) }

// Redeemed counts a code that a client got tokens for.
func (l *Logins) Redeemed(client string) { l.metrics.step(client, StepRedeemed) }
