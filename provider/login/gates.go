package login

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/breaker"
)

// The calls to CM, as metrics and log lines name them.
const (
	opStart  = "start"
	opStatus = "status"
)

// atOnce is how many calls of a kind are under way at once in this process, and as many
// more that are late. With answers in a third of a second that is 750 calls a second.
const atOnce = 256

// gates bound what a CM that is down or hangs costs. They are two, so that starts which
// hang keep nobody from what they have approved.
type gates struct {
	starts, statuses *breaker.Gate
	refused          *prometheus.CounterVec
}

// newGates makes them. A call is late after the time that an answer should take: for a
// start that is all the time it has.
func newGates(late time.Duration, log *slog.Logger, now func() time.Time) *gates {
	policy := breaker.Policy{Failures: 5, Late: late, First: time.Second, Longest: 5 * time.Second, AtOnce: atOnce}
	gate := func(operation string) *breaker.Gate {
		return breaker.New(policy, now, func(s breaker.State) { tellState(log, operation, s) })
	}
	g := &gates{starts: gate(opStart), statuses: gate(opStatus), refused: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "itsme_bridge_upstream_unasked_total", Help: "Calls to CM that were not made: it does not answer (breaker), or too many are under way (bulkhead).",
	}, []string{"operation", "reason"})}
	for _, operation := range []string{opStart, opStatus} {
		for _, reason := range breaker.Reasons() {
			g.refused.WithLabelValues(operation, string(reason))
		}
	}
	return g
}

// tellState says that CM does not answer, and that it does again.
func tellState(log *slog.Logger, operation string, s breaker.State) {
	if s == breaker.Closed {
		log.LogAttrs(context.Background(), slog.LevelInfo, "CM answers again", slog.String("operation", operation))
		return
	}
	log.LogAttrs(context.Background(), slog.LevelWarn, "CM does not answer: it is asked by one call at a time until it does", slog.String("operation", operation))
}

// call makes one call to CM, if the gate lets it through. Otherwise the error is a
// [breaker.RefusalError], and CM was not asked.
func (g *gates) call(gate *breaker.Gate, operation, login string, made func() error) error {
	call, refusal := gate.Enter(login)
	if refusal != nil {
		g.refused.WithLabelValues(operation, string(refusal.Reason)).Inc()
		return refusal
	}
	outcome := breaker.Unknown // also where the call panics
	defer func() { call.Done(outcome) }()
	err := made()
	outcome = outcomeOf(err)
	return err
}

// outcomeOf is what a call says of CM. That somebody has not approved, that our
// parameters are wrong and that a transaction is unknown are answers.
func outcomeOf(err error) breaker.Outcome {
	told, ok := errors.AsType[*itsme.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return breaker.Unknown
	case err == nil, errors.Is(err, itsme.ErrRefused), errors.Is(err, itsme.ErrTaken):
		return breaker.Answered
	case ok && told.Kind == itsme.BadAnswer && told.Status >= 400 && told.Status < 500:
		return breaker.Answered
	default: // 5xx, 429, nothing, or what is no answer of CM's
		return breaker.Failed
	}
}

// unasked is why CM was not asked, where that is what an error says.
func unasked(err error) (*breaker.RefusalError, bool) {
	return errors.AsType[*breaker.RefusalError](err)
}

func isUnasked(err error) bool { _, is := unasked(err); return is }

// againIn is when a page should look again for whom CM was not asked: not so soon that
// those who wait for CM are a load of their own.
func againIn(r *breaker.RefusalError) time.Duration {
	seconds := math.Ceil(r.Again.Seconds())
	return max(2*time.Second, time.Duration(seconds)*time.Second)
}

// collectors are the metrics of the gates.
func (g *gates) collectors() []prometheus.Collector {
	all := []prometheus.Collector{g.refused}
	for operation, gate := range map[string]*breaker.Gate{opStart: g.starts, opStatus: g.statuses} {
		labels := prometheus.Labels{"operation": operation}
		all = append(all,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "itsme_bridge_upstream_breaker_open", Help: "1 where CM does not answer and calls to it are not made until one has found out, 0 where they are.", ConstLabels: labels,
			}, func() float64 {
				if gate.State() == breaker.Closed {
					return 0
				}
				return 1
			}),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "itsme_bridge_upstream_under_way", Help: "Calls to CM that have not ended.", ConstLabels: labels,
			}, func() float64 { return float64(gate.UnderWay()) }),
		)
	}
	return all
}
