package tracing

import (
	"context"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	maxWaiting = 2048 // spans, those on the way included: some megabytes
	batch      = 512  // spans of one export
)

// queue counts how many spans wait, so that each that is not sent is known: the batches
// of the library drop in silence.
type queue struct {
	batches  sdktrace.SpanProcessor
	exporter sdktrace.SpanExporter
	resource *resource.Resource
	log      *slog.Logger

	mu      sync.Mutex // nobody waits while it is held
	waiting int        // those on the way included; 0 once they have been given up
	ended   bool
	failing bool // it has been said that nothing is sent
	sent    prometheus.Counter
	dropped *prometheus.CounterVec
}

// Why a span is dropped.
const (
	full   = "queue_full" // the collector is too slow, or away
	failed = "not_sent"   // it did not take it, or not in time
	over   = "shutdown"   // the process ends
)

func newQueue(exporter sdktrace.SpanExporter, of *resource.Resource, log *slog.Logger) *queue {
	q := &queue{
		exporter: exporter, resource: of, log: log,
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "itsme_bridge_trace_spans_sent_total", Help: "Spans that the collector has taken.",
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "itsme_bridge_trace_spans_dropped_total", Help: "Spans that no collector has taken, and why not.",
		}, []string{"reason"}),
	}
	for _, reason := range []string{full, failed, over} {
		q.dropped.WithLabelValues(reason)
	}
	q.batches = sdktrace.NewBatchSpanProcessor(q,
		sdktrace.WithMaxQueueSize(maxWaiting), sdktrace.WithMaxExportBatchSize(batch),
		sdktrace.WithBatchTimeout(batchEvery), sdktrace.WithExportTimeout(giveUp))
	return q
}

// OnStart does nothing.
func (*queue) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes a span that has ended, if there is place. It does not wait.
func (q *queue) OnEnd(s sdktrace.ReadOnlySpan) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case !s.SpanContext().IsSampled():
	case q.ended:
		q.dropped.WithLabelValues(over).Inc()
	case q.waiting >= maxWaiting:
		q.dropped.WithLabelValues(full).Inc()
	default:
		q.waiting++
		q.batches.OnEnd(s) // has place for as many
	}
}

// ExportSpans sends what may leave. Nobody hears of a failure but the operator.
func (q *queue) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	left := tell(spans, q.resource)
	err := q.exporter.ExportSpans(ctx, left)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting < len(spans) { // they have been given up
		return nil
	}
	q.waiting -= len(spans)
	failing := q.failing
	q.failing = err != nil
	switch {
	case err == nil:
		q.sent.Add(float64(len(left)))
		if failing {
			q.log.LogAttrs(ctx, slog.LevelInfo, "traces are sent again")
		}
	case !failing:
		q.log.LogAttrs(ctx, slog.LevelWarn, "traces are not sent", slog.String("cause", shortened(err.Error())))
		fallthrough
	default:
		q.dropped.WithLabelValues(failed).Add(float64(len(left)))
	}
	return nil
}

// shortened keeps a collector's page of HTML out of the log.
func shortened(text string) string {
	const most = 300
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// ForceFlush sends what waits.
func (q *queue) ForceFlush(ctx context.Context) error { return q.batches.ForceFlush(ctx) }

// Shutdown sends what waits, as far as ctx allows, and drops the rest.
func (q *queue) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	ended := q.ended
	q.ended = true
	q.mu.Unlock()
	if ended { // the batches end what they send by, and that is we
		return nil
	}
	err := q.batches.Shutdown(ctx)
	q.mu.Lock()
	q.dropped.WithLabelValues(over).Add(float64(q.waiting))
	q.waiting = 0
	q.mu.Unlock()
	_ = q.exporter.Shutdown(ctx) // what is on its way is given up
	return err                   //nolint:wrapcheck // it is that of ctx
}
