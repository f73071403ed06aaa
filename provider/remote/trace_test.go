package remote_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"itsme-bridge/provider/remote"
)

// An exchange's span says what it is for and what came of it, and not where. The host hears of no trace.
func TestExchangesAreTraced(t *testing.T) {
	heard := make(chan http.Header, 1)
	h := plain(t, func(w http.ResponseWriter, r *http.Request) {
		heard <- r.Header.Clone()
		switch {
		case strings.HasSuffix(r.URL.Path, "cut"):
			panic(http.ErrAbortHandler)
		case strings.HasSuffix(r.URL.Path, "missing"):
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(`{"keys":[]}`))
	})
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	client := remote.New(remote.Options{Reachable: loopback(), Tracer: tracer})
	ctx, parent := tracer.Start(t.Context(), "request")
	for _, row := range []struct {
		name, want string
		do         func()
	}{
		{"a document", "client document errand=document http.response.status_code=200", func() { _, _, _ = client.Fetch(ctx, h.URL+"/secret-path", "*/*", 100) }},
		{"none", "client document errand=document error.type=bad_answer failed", func() { _, _, _ = client.Fetch(ctx, h.URL+"/secret-path/missing", "*/*", 100) }},
		{"half of one", "client document errand=document error.type=unanswered failed", func() { _, _, _ = client.Fetch(ctx, h.URL+"/secret-path/cut", "*/*", 100) }},
		{"a forbidden one", "client document errand=document error.type=forbidden failed", func() { _, _, _ = client.Fetch(ctx, "http://192.0.2.1/secret-path", "*/*", 100) }},
		{"keys", "client keys errand=keys http.response.status_code=200", func() { _, _ = remote.NewKeySets(client, time.Now).Keys(ctx, h.URL+"/secret-path", "") }},
		{"a notice", "client notice errand=notice http.response.status_code=404", func() {
			_, _ = client.Post(ctx, h.URL+"/secret-path/missing", url.Values{"logout_token": {"secret-token"}})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			recorder.Reset()
			row.do()
			spans := recorder.Ended()
			if len(spans) != 1 || spans[0].Parent().SpanID() != parent.SpanContext().SpanID() {
				t.Fatalf("%d spans", len(spans))
			}
			line := spans[0].Name()
			for _, a := range spans[0].Attributes() {
				line += " " + strings.TrimPrefix(string(a.Key), "itsme_bridge.") + "=" + a.Value.String()
			}
			if spans[0].Status().Code == codes.Error {
				line += " failed"
			}
			if line != row.want {
				t.Errorf("got  %s\nwant %s", line, row.want)
			}
			text := fmt.Sprintf("%+v", tracetest.SpanStubsFromReadOnlySpans(spans))
			for _, secret := range []string{"secret", "127.0.0.1", "192.0.2.1"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
			var sent http.Header
			select {
			case sent = <-heard:
			default: // nobody was asked
			}
			for _, name := range []string{"Traceparent", "Tracestate", "Baggage"} {
				if sent.Get(name) != "" {
					t.Errorf("the host hears of %s: %s", name, sent.Get(name))
				}
			}
		})
	}
	recorder.Reset()
	if _, _, err := client.Fetch(t.Context(), h.URL, "*/*", 100); err != nil || len(recorder.Started()) != 0 {
		t.Errorf("%d spans without a request: %v", len(recorder.Started()), err)
	}
}
