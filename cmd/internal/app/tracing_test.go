package app_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
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

// Libraries such as zitadel/oidc make spans by the global provider, which they name by paths, and others would
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

// What the bridge sends to clients is traced, too.
func TestALogoutNoticeIsTracedThroughTheWholeBridge(t *testing.T) {
	c := collector.New(t)
	b := prepare(t, storagetest.New(t), traced(c), func(c *config.Config) {
		c.Provider.Session.TTL = time.Hour
		c.Clients[0].BackChannelLogoutURI = "http://127.0.0.1:1/logout" // nobody is there
	})
	b.furnish()
	b.start()
	b.ready()
	browser := b.Browser()
	back := browser.Begin(nil)
	b.Approve()
	hint, _ := b.Exchange(b.Response(browser.Get(back)).Get("code"), nil).JSON()["id_token"].(string)
	browser.Get("/logout?" + url.Values{"id_token_hint": {hint}}.Encode())
	notice := c.Await(t, "telling a client", func(s collector.Span) bool { return s.Name == "logout notice" })
	asked := c.Await(t, "asking its host", func(s collector.Span) bool { return s.Name == "client notice" })
	if asked.Parent != notice.ID || notice.Parent != "" || asked.Attributes["error.type"] != "unanswered" {
		t.Errorf("%v\n%v", notice, asked)
	}
	if said := b.journal.await(t, "logout notice"); said["trace"] != notice.Trace {
		t.Errorf("the log says %v", said)
	}
}

// Whose traceparent counts is what the configuration says.
func TestATraceOfAProxyGoesOn(t *testing.T) {
	const id = "0af7651916cd43dd8448eb211c80319c"
	for _, row := range []struct {
		say    string
		goesOn bool
	}{{"", false}, {", follow_proxies: true", true}} {
		c := collector.New(t)
		b := running(t, func(text string) string {
			return "trusted_proxies: [127.0.0.1]\n" + configtest.Change(t, traced(c)(text), "timeout: 500ms", "timeout: 500ms"+row.say)
		})
		if _, err := b.Call("/userinfo", nil, func(r *http.Request) { r.Header.Set("Traceparent", "00-"+id+"-b7ad6b7169203331-01") }); err != nil {
			t.Fatal(err)
		}
		span := c.Await(t, "the request", func(s collector.Span) bool { return s.Name == "GET /userinfo" })
		if goesOn := span.Trace == id; goesOn != row.goesOn {
			t.Errorf("with %q: the trace goes on: %t", row.say, goesOn)
		}
	}
}
