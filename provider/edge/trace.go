package edge

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Scope is the name under which all of our spans are made.
const Scope = "itsme-bridge"

// TraceWith makes a span of each request. Follows says whose traceparent counts, so that
// the request is a part of their trace; nil: nobody's. Call it before the first request.
func (x *Edge) TraceWith(t trace.Tracer, follows func(*http.Request) bool) {
	x.tracer, x.follows = t, follows
}

// begin begins the span of a request, by its route and never by its URL. The span is nil
// where nobody will see it.
func (x *Edge) begin(ctx context.Context, r *http.Request, pattern string) (context.Context, trace.Span) {
	if x.tracer == nil {
		return ctx, nil
	}
	name, verb := method(r), method(r)
	if verb == "other" { // as the semantic conventions say it
		name, verb = "HTTP", "_OTHER"
	}
	attrs := append(make([]attribute.KeyValue, 0, 2), attribute.String("http.request.method", verb))
	if strings.HasPrefix(pattern, "/") {
		name += " " + pattern
		attrs = append(attrs, attribute.String("http.route", pattern))
	}
	if x.follows != nil && x.follows(r) {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parentOf(r))
	}
	ctx, span := x.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attrs...))
	if !span.IsRecording() {
		return ctx, nil
	}
	return ctx, span
}

// parentOf is the span that a request comes from, by its traceparent alone (W3C Trace
// Context §3.2): what stands in tracestate and in baggage is words of a stranger's own.
func parentOf(r *http.Request) trace.SpanContext {
	said := r.Header.Values("Traceparent")
	if len(said) != 1 {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": said[0]})
	return trace.SpanContextFromContext(ctx)
}

// Trace is the id of the trace that the request is a part of; empty where nobody traces it.
func (e *Event) Trace() string {
	if e.span == nil {
		return ""
	}
	return e.span.SpanContext().TraceID().String()
}

// finish ends the span of a request with what its line in the log says, as far as that is
// one of few words. An error's texts stay in the log, where the trace's id finds them.
func (e *Event) finish(status int, failed string) {
	if e.span == nil {
		return
	}
	e.span.SetAttributes(e.told()...)
	if status != 0 {
		e.span.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	if failed != "" {
		e.span.SetAttributes(attribute.String("error.type", failed))
	}
	if status >= http.StatusInternalServerError || status == 0 && failed != "" {
		e.span.SetStatus(codes.Error, "")
	}
	e.span.End()
}

// told are the attributes of the line that a span has, too.
func (e *Event) told() []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, len(e.attrs)+2), attribute.String("itsme_bridge.reference", e.own))
	if e.login != "" {
		attrs = append(attrs, attribute.String("itsme_bridge.login", e.login))
	}
	for _, a := range e.attrs {
		switch a.Key {
		case "cm_status":
			attrs = append(attrs, attribute.String("itsme_bridge.cm.status", a.Value.String()))
		case "client", "outcome", "page", "check", "logout":
			attrs = append(attrs, attribute.String("itsme_bridge."+a.Key, a.Value.String()))
		case "by_session", "code_replayed", "refresh_token_reused":
			attrs = append(attrs, attribute.Bool("itsme_bridge."+a.Key, a.Value.Kind() == slog.KindBool && a.Value.Bool()))
		case "attempt":
			if a.Value.Kind() == slog.KindInt64 {
				attrs = append(attrs, attribute.Int64("itsme_bridge.attempt", a.Value.Int64()))
			}
		}
	}
	return attrs
}

// apart begins the span of work that may outlive its request.
func (e *Event) apart(ctx context.Context) (context.Context, trace.Span) {
	if e.span == nil {
		return ctx, nil
	}
	return e.span.TracerProvider().Tracer(Scope).Start(trace.ContextWithSpan(ctx, e.span), "apart")
}
