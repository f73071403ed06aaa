package app_test

import (
	"bytes"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"

	"itsme-bridge/provider/providertest/collector"
	"itsme-bridge/storage/storagetest"
)

// traced sends traces to a collector.
func traced(c *collector.Collector) func(string) string {
	return func(text string) string { return "tracing: {endpoint: '" + c.URL + "', timeout: 500ms}\n" + text }
}

// guided reports whether the guide speaks of a span.
func guided(t *testing.T, span string) bool {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/monitoring/TRACING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("## What is in a trace"))
	return regexp.MustCompile("(?m)" + regexp.QuoteMeta(span) + "(`|$|  )").Match(text)
}

// A bridge as it runs traces a login through all of it, and its last spans are sent when it ends.
func TestALoginIsTracedThroughTheWholeBridge(t *testing.T) {
	c := collector.New(t)
	b := running(t, traced(c))
	code := b.Login(nil).Get("code")
	accessToken, _ := b.Exchange(code, nil).JSON()["access_token"].(string)
	if answer := b.UserInfo(accessToken); answer.Status != http.StatusOK {
		t.Fatalf("userinfo: %d", answer.Status)
	}
	if _, metrics := b.ask("/metrics"); !strings.Contains(metrics, `itsme_bridge_trace_spans_dropped_total{reason="queue_full"} 0`) {
		t.Error("what is dropped is not counted")
	}
	b.stop()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	byName := map[string]collector.Span{}
	for _, s := range c.Spans() {
		byName[s.Name] = s
		if s.Resource["service.name"] != "itsme-bridge" || s.Resource["service.version"] != "v1.2.3" || s.Scope != "itsme-bridge" {
			t.Errorf("%s is of %v, by %s", s.Name, s.Resource, s.Scope)
		}
		if !guided(t, s.Name) && s.Name != "redis connection" {
			t.Errorf("the guide does not speak of %q", s.Name)
		}
	}
	for child, parent := range map[string]string{
		"cm start": "GET /authorize", "apart": "GET /itsme/return", "cm status": "apart", "redis read": "GET /userinfo",
	} {
		// Of several redis reads the last is userinfo's.
		if byName[child].Parent == "" || byName[child].Parent != byName[parent].ID {
			t.Errorf("%q is not below %q: %v", child, parent, c.Names())
		}
	}
	if !slices.Contains(c.Names(), "POST /token") {
		t.Errorf("no span of /token: %v", c.Names())
	}
	for _, id := range []string{byName["GET /authorize"].Trace, byName["GET /userinfo"].Trace} {
		if !strings.Contains(b.journal.String(), `"trace":"`+id+`"`) {
			t.Errorf("the log does not name %s", id)
		}
	}
}

// zitadel/oidc makes spans by the global provider, which it names by paths, and others would
// send a traceparent by the global propagator: both stay as they are.
func TestNobodyElseCanTrace(t *testing.T) {
	running(t, traced(collector.New(t)))
	_, span := otel.Tracer("github.com/zitadel/oidc/pkg/op").Start(t.Context(), "/path")
	if span.IsRecording() || span.SpanContext().IsValid() {
		t.Error("the global provider makes spans")
	}
	if fields := otel.GetTextMapPropagator().Fields(); len(fields) != 0 {
		t.Errorf("the global propagator sends %v", fields)
	}
}

// Where the collector answers nobody, logins are as they are, and the bridge ends.
func TestACollectorThatHangsDisturbsNobody(t *testing.T) {
	c := collector.New(t)
	c.Hold()
	b := running(t, traced(c))
	for range 3 {
		if b.Exchange(b.Login(nil).Get("code"), nil).Status != http.StatusOK {
			t.Fatal("the login is lost")
		}
	}
	b.stop()
	if err := b.end(); err != nil {
		t.Errorf("it did not drain: %v", err)
	}
	if len(c.Spans()) != 0 {
		t.Error("the collector has taken spans")
	}
}

// Likewise where there is no collector. An operator hears of it, and health does not.
func TestNoCollectorDisturbsNobody(t *testing.T) {
	c := collector.New(t)
	c.Close()
	b := running(t, traced(c))
	if b.Exchange(b.Login(nil).Get("code"), nil).Status != http.StatusOK {
		t.Fatal("the login is lost")
	}
	if status, body := b.ask("/health"); status != http.StatusOK {
		t.Errorf("health: %d %s", status, body)
	}
	b.stop()
	if err := b.end(); err != nil {
		t.Errorf("it did not drain: %v", err)
	}
}

// Before it serves, too, a bridge can end.
func TestATracedBridgeEndsBeforeItServes(t *testing.T) {
	c, world := collector.New(t), storagetest.New(t)
	c.Hold()
	world.Faults().Down()
	b := prepare(t, world, traced(c))
	b.start()
	b.journal.await(t, "waiting for Redis")
	b.stop()
	if err := b.end(); err != nil {
		t.Error(err)
	}
}
