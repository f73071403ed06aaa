// Package collector is a collector of OpenTelemetry traces in process, for tests: it takes
// what comes by OTLP over HTTP, decodes it, and shows all of it.
package collector

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"itsme-bridge/provider/edge"
)

// Collector is one on a listener of its own. It takes exports at any path.
type Collector struct {
	*httptest.Server

	mu      sync.Mutex
	spans   []Span
	text    strings.Builder
	headers []http.Header
	paths   []string
	status  int           // of the answers; 0: 200
	held    chan struct{} // closed: nobody waits; nil: likewise
}

// Span is one as it has come.
type Span struct {
	*tracepb.Span

	Trace, ID, Parent string // in hex; Parent is empty for a root
	Attributes        map[string]any
	Resource          map[string]any
	Scope             string
}

// New starts a collector that takes everything.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() {
		c.Release()
		c.Close()
	})
	return c
}

// ServeHTTP takes one export.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	held, status := c.held, c.status
	c.headers, c.paths = append(c.headers, r.Header.Clone()), append(c.paths, r.URL.Path)
	c.mu.Unlock()
	if held != nil {
		<-held
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	if err := c.take(r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *Collector) take(r *http.Request) error {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = plain
	}
	encoded, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var export collectorpb.ExportTraceServiceRequest
	if err := proto.Unmarshal(encoded, &export); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.WriteString(prototext.Format(&export))
	for _, of := range export.GetResourceSpans() {
		for _, by := range of.GetScopeSpans() {
			for _, s := range by.GetSpans() {
				c.spans = append(c.spans, Span{
					Span: s, Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
					Attributes: values(s.GetAttributes()), Resource: values(of.GetResource().GetAttributes()), Scope: by.GetScope().GetName(),
				})
			}
		}
	}
	return nil
}

func values(attributes []*commonpb.KeyValue) map[string]any {
	found := map[string]any{}
	for _, a := range attributes {
		found[a.GetKey()] = value(a.GetValue())
	}
	return found
}

func value(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_ArrayValue:
		var words []string
		for _, item := range v.ArrayValue.GetValues() {
			words = append(words, item.GetStringValue())
		}
		return strings.Join(words, " ")
	default:
		return v
	}
}

// Spans are all that have come, in that order.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Await waits for a span that is wanted.
func (c *Collector) Await(t testing.TB, what string, wanted func(Span) bool) Span {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for _, s := range c.Spans() {
			if wanted(s) {
				return s
			}
		}
	}
	t.Fatalf("no span came of %s; there are %v", what, c.Names())
	return Span{}
}

// Names are those of all spans that have come.
func (c *Collector) Names() []string {
	var names []string
	for _, s := range c.Spans() {
		names = append(names, s.Name)
	}
	return names
}

// Text is all that has come, to be searched.
func (c *Collector) Text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// Exports are the headers and the paths of all that has come.
func (c *Collector) Exports() (headers []http.Header, paths []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]http.Header(nil), c.headers...), append([]string(nil), c.paths...)
}

// Answer makes the collector answer everything with a status; 0: take it.
func (c *Collector) Answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// Hold makes the collector answer nobody until it is released.
func (c *Collector) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = make(chan struct{})
}

// Release ends Hold.
func (c *Collector) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		close(c.held)
		c.held = nil
	}
}

// Tracer makes spans of everything and sends each to the collector as it ends, as it is:
// nothing stands between that could take something away.
func (c *Collector) Tracer(t testing.TB) trace.Tracer {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(c.URL+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	return sdktrace.NewTracerProvider(
		sdktrace.WithSyncer(exporter), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())), sdktrace.WithResource(resource.Empty()),
	).Tracer(edge.Scope)
}
