package edge

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"itsme-bridge/provider/audit"
	"itsme-bridge/provider/oauth"
)

// Handler answers a request, or returns an error and then has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Failure tells the world about an error, in the endpoint's own way.
type Failure func(w http.ResponseWriter, r *http.Request, e *oauth.Error)

// Edge is what every request passes through on its way in and out: its line in
// the log, its count, and what becomes of an error.
type Edge struct {
	issuer  Issuer
	home    Home // may be nil
	log     *slog.Logger
	metrics *requestMetrics
	audit   *audit.Log // may be nil
	sieves  sieves     // of the log and of the audit stream
	now     func() time.Time
	serving func() error // why nobody is served yet; nil: everybody is
	tracer  trace.Tracer // nil: nobody traces
	follows func(*http.Request) bool

	wardrobe wardrobe
}

// Home finds the application that a refused request is about, and its language,
// by the parameters of the request: also by some that are wrong.
type Home func(parameters url.Values) (app oauth.App, locale string)

// New registers its metrics. Without a registerer they count for nobody.
func New(issuer Issuer, log *slog.Logger, registerer prometheus.Registerer, now func() time.Time) (*Edge, error) {
	x := &Edge{issuer: issuer, log: log, metrics: newRequestMetrics(), sieves: newSieves(), now: now}
	return x, Register(registerer, x.metrics.requests, x.metrics.duration, x.metrics.refused)
}

// AuditTo has the audit stream told of requests that are refused. Call it before the first.
func (x *Edge) AuditTo(log *audit.Log) { x.audit = log }

// LeadTo says where the pages of requests lead that are refused before anybody
// knows whose they are. Call it before the first request.
func (x *Edge) LeadTo(home Home) { x.home = home }

// Register registers what somebody counts. Without a registerer it counts for nobody.
func Register(registerer prometheus.Registerer, collectors ...prometheus.Collector) error {
	if registerer == nil {
		return nil
	}
	for _, c := range collectors {
		if err := registerer.Register(c); err != nil {
			return fmt.Errorf("provider: metrics: %w", err)
		}
	}
	return nil
}
