package edge_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// A span tells what kind of failure there was. What went wrong may be about a person, also
// where it is the value of a panic, which the library would record by itself.
func TestSpansTellNoCause(t *testing.T) {
	cause := errors.New("lucas.maes@example.com")
	for _, row := range []struct {
		name    string
		handler edge.Handler
		want    string
		failed  bool
	}{
		{"a panic", func(http.ResponseWriter, *http.Request) error { panic(cause) }, "server_error", true},
		{"an error of nobody's", func(http.ResponseWriter, *http.Request) error { return cause }, "server_error", true},
		{"one with a cause", func(http.ResponseWriter, *http.Request) error { return oauth.BadRequest("No.").Because(cause) }, "invalid_request", false},
		{"one without a code", func(http.ResponseWriter, *http.Request) error { return oauth.Fail(http.StatusUnauthorized, "", "") }, "unauthorized", false},
		{"none", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			b, recorder := newBench(t), tracetest.NewSpanRecorder()
			b.edge.TraceWith(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer(edge.Scope), nil)
			b.serve(row.handler, nil)
			spans := recorder.Ended()
			if len(spans) != 1 {
				t.Fatalf("%d spans", len(spans))
			}
			kind := ""
			for _, a := range spans[0].Attributes() {
				if a.Key == "error.type" {
					kind = a.Value.AsString()
				}
			}
			if failed := spans[0].Status().Code == codes.Error; kind != row.want || failed != row.failed {
				t.Errorf("error.type=%q, failed %t", kind, failed)
			}
			if text := fmt.Sprintf("%+v", tracetest.SpanStubsFromReadOnlySpans(spans)); strings.Contains(text, "lucas") || len(spans[0].Events()) > 0 {
				t.Errorf("the cause is told: %s", text)
			}
		})
	}
}

// A stranger's own method and path are no part of a span.
func TestSpansHaveNoWordsOfAStranger(t *testing.T) {
	b, recorder := newBench(t), tracetest.NewSpanRecorder()
	b.edge.TraceWith(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer(edge.Scope), nil)
	r := httptest.NewRequestWithContext(t.Context(), "LUCAS", "/lucas?maes", nil)
	b.edge.Logged("none", edge.NotFound, b.edge.FailJSON)(httptest.NewRecorder(), r)
	span := recorder.Ended()[0]
	if text := fmt.Sprintf("%+v", tracetest.SpanStubFromReadOnlySpan(span)); span.Name() != "HTTP" || strings.Contains(strings.ToLower(text), "lucas") {
		t.Errorf("the span is %s", text)
	}
}
