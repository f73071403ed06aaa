package provider_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/keys"
	"itsme-bridge/provider/edge"
	"itsme-bridge/storage/storagetest"
)

// BenchmarkTracedLogin is what tracing costs a login: each as in BenchmarkLogin, one with
// all its spans sent to a collector on loopback, which throws them away, and in turn with
// it one that nobody traces.
func BenchmarkTracedLogin(b *testing.B) {
	traced := newLoginBench(b, storagetest.Real(b), keys.ES256, batching(b))
	untraced := newLoginBench(b, storagetest.Real(b), keys.ES256, nil)
	for range 20 {
		traced.run(b)
		untraced.run(b)
	}
	var with, without cost
	b.ResetTimer()
	for b.Loop() {
		with.add(func() { traced.run(b) })
		without.add(func() { untraced.run(b) })
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op") // of both together: nobody's figure
	b.ReportMetric(float64(with.took.Microseconds())/n, "traced-µs")
	b.ReportMetric(float64(without.took.Microseconds())/n, "untraced-µs")
	b.ReportMetric(float64(with.took)/float64(without.took), "traced/untraced")
	b.ReportMetric(float64(with.allocations-without.allocations)/n, "more-allocs")
}

// cost is what something has taken, in all.
type cost struct {
	took        time.Duration
	allocations uint64
}

func (s *cost) add(do func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	do()
	s.took += time.Since(began)
	runtime.ReadMemStats(&after)
	s.allocations += after.Mallocs - before.Mallocs
}

// batching sends spans as the bridge does.
func batching(b *testing.B) trace.Tracer {
	b.Helper()
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	b.Cleanup(sink.Close)
	exporter, err := otlptracehttp.New(b.Context(), otlptracehttp.WithEndpointURL(sink.URL+"/v1/traces"), otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	if err != nil {
		b.Fatal(err)
	}
	made := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(2*time.Second)))
	b.Cleanup(func() { _ = made.Shutdown(b.Context()) })
	return made.Tracer(edge.Scope)
}
