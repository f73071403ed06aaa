package itsme_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"itsme-bridge/itsme"
)

// A call's span says what came of it in few words, and nothing of what was said. CM hears of no trace.
func TestCallsAreTraced(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	started := `{"transactionToken":"` + transactionToken + `","authenticationUrl":"` + authentication + `"}`
	for _, row := range []struct {
		name    string
		handler http.HandlerFunc
		status  bool
		want    string
	}{
		{"a start", answer(200, started), false, "cm start operation=start result=ok http.response.status_code=200"},
		{"a start refused", answer(400, `{"message":"phoneNumber `+phoneNumber+`"}`), false, "cm start operation=start result=refused error.type=refused http.response.status_code=400 failed"},
		{"a start unanswered", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, "cm start operation=start result=unavailable error.type=unavailable failed"},
		{"a success", answer(200, lucas), true, "cm status operation=status result=ok http.response.status_code=200 status=success"},
		{"one that waits", answer(200, `{"status":"open"}`), true, "cm status operation=status result=ok http.response.status_code=200 status=open"},
		{"a word of CM's own", answer(200, `{"status":"lucas.maes@example.com"}`), true, "cm status operation=status result=ok http.response.status_code=200 status=failure"},
		{"taken", answer(200, `{"status":"success"}`), true, "cm status operation=status result=taken error.type=taken http.response.status_code=200 status=success failed"},
		{"a page", answer(200, "<html>Lucas Maes"), true, "cm status operation=status result=bad_answer error.type=bad_answer http.response.status_code=200 failed"},
		{"a gateway's page", answer(502, "<html>Lucas Maes"), true, "cm status operation=status result=unavailable error.type=unavailable http.response.status_code=502 failed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			heard := make(chan http.Header, 1)
			there := at(t, func(w http.ResponseWriter, r *http.Request) {
				heard <- r.Header.Clone()
				row.handler(w, r)
			})
			recorder := tracetest.NewSpanRecorder()
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
			client := newClient(t, func(c *itsme.Config) { there(c); c.Tracer = tracer })
			ctx, parent := tracer.Start(t.Context(), "request")
			if row.status {
				_, _ = client.Status(ctx, transactionToken)
			} else {
				_, _ = client.Start(ctx, start())
			}
			spans := recorder.Ended()
			if len(spans) != 1 || spans[0].Parent().SpanID() != parent.SpanContext().SpanID() {
				t.Fatalf("%d spans", len(spans))
			}
			line := spans[0].Name()
			for _, a := range spans[0].Attributes() {
				line += " " + strings.TrimPrefix(string(a.Key), "itsme_bridge.cm.") + "=" + a.Value.String()
			}
			if spans[0].Status().Code == codes.Error {
				line += " failed"
			}
			if line != row.want {
				t.Errorf("got  %s\nwant %s", line, row.want)
			}
			text := fmt.Sprintf("%+v", tracetest.SpanStubsFromReadOnlySpans(spans))
			for _, secret := range []string{transactionToken, merchantToken, "T1cK3t", "PR00F", phoneNumber[1:], "Lucas", "lucas", "127.0.0.1", "/status"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
			sent := <-heard
			for _, name := range []string{"Traceparent", "Tracestate", "Baggage"} {
				if sent.Get(name) != "" {
					t.Errorf("CM hears of %s: %s", name, sent.Get(name))
				}
			}
		})
	}
}

func TestOnlyWhatSomebodyTracesIsTraced(t *testing.T) {
	there := at(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(lucas)) })
	recorder := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
	client := newClient(t, func(c *itsme.Config) { there(c); c.Tracer = tracer })
	if _, err := client.Status(t.Context(), transactionToken); err != nil {
		t.Fatal(err)
	}
	if err := client.Reach(t.Context()); err != nil || len(recorder.Started()) != 0 {
		t.Errorf("%d spans without a request: %v", len(recorder.Started()), err)
	}
}
