package itsme

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// begin begins the span of a call that belongs to a request which is traced; nil: of any
// other. It has no URL, since that of a status call holds the transaction token, and CM
// hears nothing of it.
func (c *Client) begin(ctx context.Context, operation string) (context.Context, trace.Span) {
	if c.tracer == nil || !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, nil
	}
	return c.tracer.Start(ctx, "cm "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("itsme_bridge.cm.operation", operation)))
}

// finish ends the span of a call, with one of few words for what came of it. Status is
// of the transaction; empty: nobody has asked for it.
func finish(span trace.Span, status Status, err error) {
	if span == nil {
		return
	}
	var failed *Error
	switch {
	case err == nil:
		span.SetAttributes(attribute.String("itsme_bridge.cm.result", "ok"), attribute.Int("http.response.status_code", http.StatusOK))
	case errors.As(err, &failed):
		span.SetAttributes(attribute.String("itsme_bridge.cm.result", string(failed.Kind)), attribute.String("error.type", string(failed.Kind)))
		if failed.Status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", failed.Status))
		}
		span.SetStatus(codes.Error, "")
	}
	if status != "" {
		span.SetAttributes(attribute.String("itsme_bridge.cm.status", string(status)))
	}
	span.End()
}
