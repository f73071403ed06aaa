package logout

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// begin begins the span of telling one client of one logout: a trace of its own, since
// the request that the logout came by is over, and ctx is that of [Logouts.Run]; nil: nobody
// traces.
func (l *Logouts) begin(ctx context.Context, n *Notice) (context.Context, trace.Span) {
	if l.tracer == nil {
		return ctx, nil
	}
	return l.tracer.Start(ctx, "logout notice", trace.WithAttributes(
		attribute.String("itsme_bridge.client", n.ClientID), attribute.Int("itsme_bridge.tries", n.Tries),
	))
}

// recorded says in the span of ctx what came of a notice, and is the id of its trace; empty:
// nobody traces it.
func recorded(ctx context.Context, result string) string {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return ""
	}
	span.SetAttributes(attribute.String("itsme_bridge.result", result))
	if result != "delivered" {
		span.SetStatus(codes.Error, "")
	}
	return span.SpanContext().TraceID().String()
}
