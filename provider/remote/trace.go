package remote

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// begin begins the span of an exchange that belongs to something traced; nil: of any
// other. It has no address: the client whose host it is stands in the span above. The
// host hears nothing of it.
func (c *Client) begin(ctx context.Context, errand string) (context.Context, trace.Span) {
	if c.tracer == nil || !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, nil
	}
	return c.tracer.Start(ctx, "client "+errand, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("itsme_bridge.errand", errand)))
}

// finish ends the span of an exchange. Status is that of the answer, where there is no error.
func finish(span trace.Span, status int, err error) {
	switch {
	case span == nil:
		return
	case err != nil:
		span.SetAttributes(attribute.String("error.type", kindOf(err)))
		span.SetStatus(codes.Error, "")
	default:
		span.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	span.End()
}

// kindOf is one of few words for an error, without the host that it names.
func kindOf(err error) string {
	switch {
	case errors.Is(err, ErrForbidden):
		return "forbidden"
	case errors.Is(err, ErrBadAnswer):
		return "bad_answer"
	default:
		return "unanswered"
	}
}
