package tracing

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"itsme-bridge/provider/edge"
)

// told reports whether an attribute leaves this process. Each has few values, or is a name
// of ours: a route, a reference, a login's name in the log, a client's id.
func told(key attribute.Key) bool { return slices.Contains(keys(), key) }

func keys() []attribute.Key {
	return []attribute.Key{
		"http.request.method", "http.route", "http.response.status_code", "error.type",
		"db.system.name", "db.operation.batch.size",
		"itsme_bridge.reference", "itsme_bridge.login", "itsme_bridge.client", "itsme_bridge.attempt",
		"itsme_bridge.outcome", "itsme_bridge.page", "itsme_bridge.check", "itsme_bridge.logout",
		"itsme_bridge.by_session", "itsme_bridge.code_replayed", "itsme_bridge.refresh_token_reused",
		"itsme_bridge.redis.operations",
		"itsme_bridge.cm.operation", "itsme_bridge.cm.result", "itsme_bridge.cm.status",
		"itsme_bridge.errand", "itsme_bridge.result", "itsme_bridge.tries",
	}
}

// span is one as it leaves: with the attributes of the table, without events, links and
// texts of errors, and of the process that the configuration names, whatever the
// environment says.
type span struct {
	sdktrace.ReadOnlySpan

	attrs    []attribute.KeyValue
	resource *resource.Resource
}

// tell makes of spans what leaves. Those of others, such as a library's that found our
// tracer, do not: their names may be paths.
func tell(spans []sdktrace.ReadOnlySpan, of *resource.Resource) []sdktrace.ReadOnlySpan {
	left := make([]sdktrace.ReadOnlySpan, 0, len(spans))
	for _, s := range spans {
		if s.InstrumentationScope().Name != edge.Scope {
			continue
		}
		attrs := s.Attributes()
		if unsaid := func(a attribute.KeyValue) bool { return !told(a.Key) }; slices.ContainsFunc(attrs, unsaid) {
			attrs = slices.DeleteFunc(slices.Clone(attrs), unsaid)
		}
		left = append(left, span{s, attrs, of})
	}
	return left
}

func (s span) Attributes() []attribute.KeyValue { return s.attrs }

func (s span) Resource() *resource.Resource { return s.resource }

// Status is the code without a text.
func (s span) Status() sdktrace.Status { return sdktrace.Status{Code: s.ReadOnlySpan.Status().Code} }

// Events are none: a library records errors and panics as such, with their texts.
func (span) Events() []sdktrace.Event { return nil }

// Links are none.
func (span) Links() []sdktrace.Link { return nil }
