package tracing

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/provider/edge"
)

const (
	batchEvery = 2 * time.Second  // at the latest, a span is sent
	giveUp     = 30 * time.Second // of one export, with all tries
	lastWord   = 3 * time.Second  // for what waits when the process ends
)

// Parts are what tracing stands on.
type Parts struct {
	Version string
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Tracing makes spans and sends them. Nil makes none.
type Tracing struct {
	provider *sdktrace.TracerProvider
	client   *http.Client
	last     time.Duration
}

// New makes what the configuration says; nil: no traces. It connects to nothing. What the
// environment says (OTEL_…) counts for nothing: each option is set here, and the table of
// told.go has the last word.
func New(ctx context.Context, c config.Tracing, parts Parts) (*Tracing, error) {
	if c.Endpoint == "" {
		return nil, nil //nolint:nilnil // that is how to have none
	}
	client, err := newClient(c)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(c.Endpoint), otlptracehttp.WithHeaders(c.Header()), otlptracehttp.WithHTTPClient(client),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression), otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf), otlptracehttp.WithTimeout(c.Timeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
			Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: giveUp,
		}))
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	of := resource.NewSchemaless(
		attribute.String("service.name", c.ServiceName), attribute.String("service.version", parts.Version),
		attribute.String("service.instance.id", rand.Text()), // of this start; whoever knows more of the machine adds it at the collector
	)
	queue := newQueue(exporter, of, parts.Log)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(of), sdktrace.WithSpanProcessor(queue),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.Sample))),
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{ // no events and no links
			AttributeValueLengthLimit: 256, AttributeCountLimit: 32,
		}))
	return &Tracing{provider, client, min(c.Timeout, lastWord)}, errors.Join(parts.Metrics.Register(queue.sent), parts.Metrics.Register(queue.dropped))
}

// newClient asks no proxy and follows no redirect, which would carry the headers to another host.
func newClient(c config.Tracing) (*http.Client, error) {
	roots, err := c.RootCAs()
	if err != nil {
		return nil, fmt.Errorf("tracing: ca_file: %w", err)
	}
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       c.Timeout,
	}, nil
}

// Tracer makes the spans; nil: there are none.
func (t *Tracing) Tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.provider.Tracer(edge.Scope)
}

// Close sends what waits, within three seconds, and drops the rest.
func (t *Tracing) Close(ctx context.Context) {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, t.last)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // what it could not do is counted
	t.client.CloseIdleConnections()
}
