package tracing_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/cmd/internal/tracing"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/providertest/collector"
)

// bench is a Tracing that sends to a collector.
type bench struct {
	*tracing.Tracing

	t        *testing.T
	log      *lines
	registry *prometheus.Registry
}

func newBench(t *testing.T, c *collector.Collector, change func(*config.Tracing)) *bench {
	t.Helper()
	b := &bench{t: t, log: new(lines), registry: prometheus.NewRegistry()}
	settings := config.Tracing{Endpoint: c.URL + "/v1/traces", Sample: 1, ServiceName: "bridge-under-test", Timeout: 5 * time.Second}
	if change != nil {
		change(&settings)
	}
	var err error
	b.Tracing, err = tracing.New(t.Context(), settings, tracing.Parts{Version: "v1.2.3", Log: slog.New(slog.NewTextHandler(b.log, nil)), Metrics: b.registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(context.Background()) })
	return b
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// count is a metric: the sum of its series, or those of one reason.
func (b *bench) count(name, reason string) (sum int) {
	b.t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && (reason == "" || m.GetLabel()[0].GetValue() == reason) {
				sum += int(m.GetCounter().GetValue())
			}
		}
	}
	return sum
}

const (
	sent    = "itsme_bridge_trace_spans_sent_total"
	dropped = "itsme_bridge_trace_spans_dropped_total"
)

// make makes spans.
func (b *bench) make(n int) {
	for range n {
		_, span := b.Tracer().Start(b.t.Context(), "GET /authorize")
		span.End()
	}
}

func TestWithoutAnEndpointThereAreNoTraces(t *testing.T) {
	none, err := tracing.New(t.Context(), config.Tracing{Sample: 1}, tracing.Parts{})
	if none != nil || err != nil || none.Tracer() != nil {
		t.Errorf("got %v, %v", none, err)
	}
	none.Close(t.Context())
}

// What the environment says to other programs counts for nothing, whatever it is.
func TestTheEnvironmentCountsForNothing(t *testing.T) {
	elsewhere := collector.New(t)
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": elsewhere.URL, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": elsewhere.URL + "/v1/traces",
		"OTEL_EXPORTER_OTLP_HEADERS": "x-env=hunter2", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-env=hunter2",
		"OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere", "OTEL_EXPORTER_OTLP_INSECURE": "false",
		"OTEL_TRACES_SAMPLER": "always_off", "OTEL_SDK_DISABLED": "true", "OTEL_SERVICE_NAME": "env-service",
		"OTEL_RESOURCE_ATTRIBUTES": "user=lucas.maes,service.version=9", "OTEL_BSP_MAX_QUEUE_SIZE": "1", "OTEL_BSP_SCHEDULE_DELAY": "3600000",
		"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "1", "OTEL_PROPAGATORS": "tracecontext,baggage",
		"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
	} {
		t.Setenv(name, value)
	}
	c := collector.New(t)
	b := newBench(t, c, func(c *config.Tracing) { c.Headers = document.NewSecret("X-Key: hunter3\nX-Scope-OrgID: bridge") })
	_, span := b.Tracer().Start(t.Context(), "GET /authorize", trace.WithAttributes(attribute.String("itsme_bridge.client", "example")))
	span.End()
	b.Close(t.Context())
	if len(c.Spans()) != 1 || len(elsewhere.Spans()) != 0 {
		t.Fatalf("%d spans came, and %d elsewhere", len(c.Spans()), len(elsewhere.Spans()))
	}
	s := c.Spans()[0]
	if !maps.Equal(s.Attributes, map[string]any{"itsme_bridge.client": "example"}) {
		t.Errorf("attributes: %v", s.Attributes)
	}
	if keys := slices.Sorted(maps.Keys(s.Resource)); !slices.Equal(keys, []string{"service.instance.id", "service.name", "service.version"}) ||
		s.Resource["service.name"] != "bridge-under-test" || s.Resource["service.version"] != "v1.2.3" {
		t.Errorf("resource: %v", s.Resource)
	}
	headers, paths := c.Exports()
	if h := headers[0]; h.Get("X-Key") != "hunter3" || h.Get("X-Scope-OrgID") != "bridge" || h.Get("X-Env") != "" ||
		h.Get("Content-Type") != "application/x-protobuf" || h.Get("Content-Encoding") != "gzip" || paths[0] != "/v1/traces" {
		t.Errorf("the export: %s %v", paths[0], headers[0])
	}
}

// What is not in the table leaves with no span, whoever has put it there.
func TestWhatIsNotInTheTableDoesNotLeave(t *testing.T) {
	c := collector.New(t)
	b := newBench(t, c, nil)
	ctx, span := b.Tracer().Start(t.Context(), "GET /authorize", trace.WithAttributes(
		attribute.String("http.route", "/authorize"), attribute.String("url.full", "https://login.example/?lucas"), attribute.String("user.id", "lucas"),
	), trace.WithLinks(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}), Attributes: []attribute.KeyValue{attribute.String("a", "lucas")}}))
	span.AddEvent("lucas")
	span.RecordError(errors.New("lucas"))
	span.SetStatus(codes.Error, "lucas")
	_, foreign := span.TracerProvider().Tracer("github.com/zitadel/oidc/pkg/op").Start(ctx, "/lucas")
	foreign.End()
	func() {
		defer func() { _ = recover() }()
		_, panicking := b.Tracer().Start(ctx, "apart")
		defer panicking.End()
		panic("lucas")
	}()
	span.End()
	b.Close(t.Context())
	if names := c.Names(); !slices.Equal(names, []string{"apart", "GET /authorize"}) {
		t.Errorf("the spans are %q", names)
	}
	if strings.Contains(c.Text(), "lucas") {
		t.Errorf("it has left: %s", c.Text())
	}
	s := c.Spans()[1]
	if !maps.Equal(s.Attributes, map[string]any{"http.route": "/authorize"}) || s.GetStatus().GetCode() != 2 || len(s.GetEvents())+len(s.GetLinks()) != 0 {
		t.Errorf("got %v", s)
	}
}

func TestSample(t *testing.T) {
	for _, row := range []struct {
		share       float64
		least, most int
	}{{1, 1000, 1000}, {0, 0, 0}, {0.25, 150, 350}} {
		c := collector.New(t)
		b := newBench(t, c, func(s *config.Tracing) { s.Sample = row.share })
		b.make(1000)
		b.Close(t.Context())
		if n := len(c.Spans()); n < row.least || n > row.most || b.count(sent, "") != n {
			t.Errorf("of 1000 requests, a share of %v are %d spans, and %d are counted", row.share, n, b.count(sent, ""))
		}
	}
}

// A collector that hangs holds nobody up: spans that find no place are dropped, each is
// counted, and the end comes in time.
func TestACollectorThatHangsHoldsNobodyUp(t *testing.T) {
	c := collector.New(t)
	c.Hold()
	b := newBench(t, c, func(s *config.Tracing) { s.Timeout = 30 * time.Second })
	const many = 10_000
	b.make(many) // would not return if one of them waited, since nothing lets the collector go on
	if n := b.count(dropped, "queue_full"); n < many-2048-512 || n == many {
		t.Errorf("%d of %d found no place", n, many)
	}
	tracer, all := b.Tracer(), many // the end holds a lock that Tracer takes
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		b.Close(context.Background()) // likewise
	}()
	for b.count(dropped, "shutdown") == 0 { // until one has ended too late
		_, late := tracer.Start(t.Context(), "GET /authorize")
		late.End()
		all++
	}
	select {
	case <-closed:
	case <-time.After(20 * time.Second): // less than the timeout of one export
		t.Fatal("the end waits for the collector")
	}
	if n := b.count(dropped, ""); n != all || len(c.Spans()) != 0 || b.count(sent, "") != 0 {
		t.Errorf("%d of %d are counted, %d are sent", n, all, b.count(sent, ""))
	}
}

// A collector that refuses is said once, and again when it takes spans.
func TestACollectorThatRefuses(t *testing.T) {
	c := collector.New(t)
	b := newBench(t, c, func(c *config.Tracing) { c.Headers = document.NewSecret("X-Key: hunter3") })
	flush := func() {
		t.Helper()
		b.make(1)
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Answer(http.StatusUnauthorized)
	flush()
	flush()
	c.Answer(0)
	flush()
	if said := b.log.String(); strings.Count(said, "traces are not sent") != 1 || strings.Count(said, "traces are sent again") != 1 || strings.Contains(said, "hunter3") {
		t.Errorf("said: %s", said)
	}
	if b.count(dropped, "not_sent") != 2 || b.count(sent, "") != 1 || len(c.Spans()) != 1 {
		t.Errorf("dropped %d, sent %d", b.count(dropped, "not_sent"), b.count(sent, ""))
	}
	for _, reason := range []string{"queue_full", "shutdown"} {
		if n := b.count(dropped, reason); n != 0 {
			t.Errorf("%s: %d", reason, n)
		}
	}
}

// The headers go to the endpoint, and to nobody that it names.
func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere, c := collector.New(t), collector.New(t)
	c.Config.Handler = http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect)
	b := newBench(t, c, func(c *config.Tracing) { c.Headers = document.NewSecret("X-Key: hunter3") })
	b.make(1)
	b.Close(t.Context())
	if headers, _ := elsewhere.Exports(); len(headers) != 0 || b.count(dropped, "") != 1 {
		t.Errorf("it was followed: %v", headers)
	}
}

func TestTheScopeIsOurs(t *testing.T) {
	c := collector.New(t)
	b := newBench(t, c, nil)
	b.make(1)
	b.Close(t.Context())
	if s := c.Spans(); len(s) != 1 || s[0].Scope != edge.Scope {
		t.Error(fmt.Sprint(s))
	}
}

// putAuthority writes down who vouches for a server.
func putAuthority(t *testing.T, name string, server *httptest.Server) {
	t.Helper()
	configtest.PutFile(t, name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})), 0o600)
}

// Only a collector that an authority vouches for is told anything.
func TestAuthorities(t *testing.T) {
	authority := filepath.Join(t.TempDir(), "ca.pem")
	for _, file := range []string{authority, ""} {
		c := collector.New(t)
		secured := httptest.NewUnstartedServer(c)
		secured.Config.ErrorLog = log.New(io.Discard, "", 0)
		secured.StartTLS()
		t.Cleanup(secured.Close)
		putAuthority(t, authority, secured)
		b := newBench(t, c, func(c *config.Tracing) {
			c.Endpoint, c.Authorities, c.Timeout = secured.URL, file, 500*time.Millisecond
		})
		b.make(1)
		b.Close(t.Context())
		if came := len(c.Spans()) == 1; came != (file != "") || b.count(dropped, "") == 1 == came {
			t.Errorf("with %q: came %t, dropped %d", file, came, b.count(dropped, ""))
		}
	}
}
