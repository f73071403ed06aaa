package provider_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/providertest/collector"
	"itsme-bridge/provider/remote"
)

// tree is a trace as lines: each span's name, indented below its parent's, in the order in which they began.
// Whether a connection to Redis had to be made is chance.
func tree(t *testing.T, spans []collector.Span, id string) string {
	t.Helper()
	var lines []string
	var below func(parent string, depth int)
	below = func(parent string, depth int) {
		var children []collector.Span
		for _, s := range spans {
			if s.Trace == id && s.Parent == parent && s.Name != "redis connection" {
				children = append(children, s)
			}
		}
		slices.SortFunc(children, func(a, b collector.Span) int { return int(a.GetStartTimeUnixNano()) - int(b.GetStartTimeUnixNano()) })
		for _, s := range children {
			line := strings.Repeat("  ", depth) + s.Name
			if operations, ok := s.Attributes["itsme_bridge.redis.operations"]; ok {
				line += fmt.Sprintf(" (%v)", operations)
			}
			lines = append(lines, line)
			below(s.ID, depth+1)
		}
	}
	below("", 0)
	return strings.Join(lines, "\n")
}

// named is the one span of a name.
func named(t *testing.T, c *collector.Collector, name string) collector.Span {
	t.Helper()
	var found []collector.Span
	for _, s := range c.Spans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans are %q, of %q", len(found), name, c.Names())
	}
	return found[0]
}

// Each request of a login is a trace, which has what it asked of Redis and of CM; the login's
// name in the log joins them. It is so whichever replica a request comes to.
func TestALoginIsTraced(t *testing.T) {
	c := collector.New(t)
	s := With(t, Options{Tracer: c.Tracer(t)})
	other := s.Replica()
	b := s.Browser()
	back := b.Begin(nil)
	s.Approve()
	code := s.Response(b.Get(strings.Replace(back, s.Issuer, other.URL, 1))).Get("code")
	accessToken, _ := s.Exchange(code, nil).JSON()["access_token"].(string)
	if answer := s.UserInfo(accessToken); answer.Status != http.StatusOK {
		t.Fatalf("userinfo: %d %s", answer.Status, answer.Body)
	}

	logins := map[any]bool{}
	for _, row := range []struct{ name, want string }{
		{"GET /authorize", `GET /authorize
  redis pipeline (count ask)
  cm start
  redis pipeline (commit say)`},
		{"GET /itsme/return", `GET /itsme/return
  redis pipeline (lease read)
  apart
    cm status
    redis pipeline (commit say)`},
		{"POST /token", `POST /token
  redis read (read)
  redis commit (commit)`},
		{"GET /userinfo", `GET /userinfo
  redis read (read)`},
	} {
		root := named(t, c, row.name)
		if got := tree(t, c.Spans(), root.Trace); got != row.want {
			t.Errorf("got\n%s\nwant\n%s", got, row.want)
		}
		if root.Attributes["itsme_bridge.client"] != App || root.Attributes["http.response.status_code"] == nil {
			t.Errorf("%s: %v", row.name, root.Attributes)
		}
		logins[root.Attributes["itsme_bridge.login"]] = true
		if !strings.Contains(s.Log.String(), `"trace":"`+root.Trace+`"`) {
			t.Errorf("%s: the log does not name the trace", row.name)
		}
	}
	if len(logins) != 1 || logins[nil] {
		t.Errorf("the spans are of the logins %v", logins)
	}
	for _, span := range c.Spans() {
		if span.Scope != "itsme-bridge" {
			t.Errorf("%s was made by %s", span.Name, span.Scope)
		}
	}
	start, status := named(t, c, "cm start"), named(t, c, "cm status")
	for _, cm := range []collector.Span{start, status} {
		if cm.Attributes["itsme_bridge.cm.result"] != "ok" || cm.Attributes["http.response.status_code"] != int64(200) {
			t.Errorf("%s: %v", cm.Name, cm.Attributes)
		}
	}
	if status.Attributes["itsme_bridge.cm.status"] != "success" || named(t, c, "GET /itsme/return").Attributes["itsme_bridge.outcome"] != "code" {
		t.Errorf("the outcome is not told: %v", status.Attributes)
	}
}

// tracedPoster tells clients of logouts as the bridge does, and traces it.
func tracedPoster(tracer trace.Tracer) *remote.Client {
	return remote.New(remote.Options{Reachable: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Tracer: tracer})
}

// What outlives its request hangs below it all the same, and says itself what came of it.
func TestWorkThatOutlivesItsRequestIsTraced(t *testing.T) {
	c := collector.New(t)
	s := withoutRSA(t, Options{Tracer: c.Tracer(t)})
	b := s.Browser()
	back, hold := approvedSlowly(t, s, b)
	if root := named(t, c, "GET /itsme/return"); root.Attributes["itsme_bridge.outcome"] != nil {
		t.Errorf("the request has an outcome: %v", root.Attributes)
	}
	hold.Release()
	fetched(t, s)
	apart := c.Await(t, "the work", func(s collector.Span) bool { return s.Name == "apart" })
	root := named(t, c, "GET /itsme/return")
	if apart.Parent != root.ID || apart.Attributes["itsme_bridge.cm.status"] != "success" || apart.Attributes["itsme_bridge.login"] != root.Attributes["itsme_bridge.login"] {
		t.Errorf("apart: %v", apart)
	}
	if apart.GetEndTimeUnixNano() < root.GetEndTimeUnixNano() {
		t.Error("the work has not outlived its request")
	}
	if line := `"msg":"finished after the request"`; !strings.Contains(s.Log.String(), line) || strings.Count(s.Log.String(), `"trace":"`+root.Trace) != 2 {
		t.Errorf("both lines name the trace: %s", s.Log)
	}
	if s.Response(b.Get(back)).Get("code") == "" {
		t.Error("the login is lost")
	}
}

// To tell a client of a logout is a trace of its own.
func TestALogoutNoticeIsTraced(t *testing.T) {
	app, c := newReceiver(t), collector.New(t)
	s := withReceivers(t, app, newReceiver(t), func(o *Options) {
		o.Tracer = c.Tracer(t)
		o.Parts = func(p *provider.Parts) { p.Outbound = tracedPoster(o.Tracer) }
	})
	b := s.Browser()
	hint := logIn(t, s, b, nil)
	b.Get("/logout?" + loggingOut(hint, nil).Encode())
	app.answers(http.StatusInternalServerError)
	deliver(t, s.Provider)
	failed := named(t, c, "logout notice")
	if got := tree(t, c.Spans(), failed.Trace); got != "logout notice\n  client notice\n  redis again (again)" {
		t.Errorf("got\n%s", got)
	}
	if a := failed.Attributes; a["itsme_bridge.client"] != App || a["itsme_bridge.result"] != "failed" || failed.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("%v", failed)
	}
	if notice := named(t, c, "client notice"); notice.Attributes["http.response.status_code"] != int64(500) {
		t.Errorf("%v", notice.Attributes)
	}
	if !strings.Contains(s.Log.String(), `"trace":"`+failed.Trace) {
		t.Error("the log does not name the trace")
	}
	app.answers(http.StatusOK)
	s.Advance(time.Minute)
	deliver(t, s.Provider)
	if done := c.Spans()[len(c.Spans())-1]; done.Name != "logout notice" || done.Attributes["itsme_bridge.result"] != "delivered" || done.Trace == failed.Trace {
		t.Errorf("%v", done)
	}
}

// A request's page names its trace, which the log does, too.
func TestPagesNameTheTrace(t *testing.T) {
	c := collector.New(t)
	s := With(t, Options{Tracer: c.Tracer(t)})
	page := s.Browser().Get(s.Issuer + "/nowhere")
	root := named(t, c, "GET")
	if !strings.Contains(page.Body, "this request also has a trace ID: <code>"+root.Trace+"</code>") || !strings.Contains(s.Log.String(), `"trace":"`+root.Trace+`"`) {
		t.Errorf("the trace %s is not on the page, or not in the log:\n%s\n%s", root.Trace, page.Body, s.Log)
	}
	if a := root.Attributes; a["http.route"] != nil || a["error.type"] != "not_found" || a["http.response.status_code"] != int64(404) {
		t.Errorf("%v", a)
	}
	if untraced := New(t).Browser().Get("/nowhere"); strings.Contains(untraced.Body, "trace ID") {
		t.Errorf("nobody traces, and the page says\n%s", untraced.Body)
	}
}

// A stranger's traceparent counts for nothing. That of a proxy of ours goes on, if the
// configuration says so: then it is the proxy that decides what is traced.
func TestWhoseTraceparentCounts(t *testing.T) {
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	sampled := "00-" + id + "-" + span + "-01"
	for _, row := range []struct {
		name    string
		follow  bool
		proxies []string
		parents []string
		goesOn  bool
		traced  bool
	}{
		{"nobody is followed", false, []string{"127.0.0.1"}, []string{sampled}, false, true},
		{"a stranger", true, []string{"192.0.2.1"}, []string{sampled}, false, true},
		{"a proxy of ours", true, []string{"127.0.0.1"}, []string{sampled}, true, true},
		{"a proxy that does not sample", true, []string{"127.0.0.1"}, []string{"00-" + id + "-" + span + "-00"}, true, false},
		{"a proxy without one", true, []string{"127.0.0.1"}, nil, false, true},
		{"a proxy that passes two on", true, []string{"127.0.0.1"}, []string{sampled, sampled}, false, true},
		{"a proxy that writes something else", true, []string{"127.0.0.1"}, []string{"00-lucas.maes@example.com"}, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := collector.New(t)
			s := With(t, Options{Tracer: c.Tracer(t), Config: func(c *provider.Config) { c.FollowTraces, c.TrustedProxies = row.follow, row.proxies }})
			if _, err := s.Call("/userinfo", nil, func(r *http.Request) {
				r.Header["Traceparent"] = row.parents
				r.Header.Set("Tracestate", "vendor=lucas.maes")
				r.Header.Set("Baggage", "user=lucas.maes")
			}); err != nil {
				t.Fatal(err)
			}
			if !row.traced {
				if len(c.Spans()) != 0 || strings.Contains(s.Log.String(), `"trace"`) {
					t.Errorf("it is traced: %v", c.Names())
				}
				return
			}
			root := named(t, c, "GET /userinfo")
			if goesOn := root.Trace == id && root.Parent == span; goesOn != row.goesOn || root.Parent != "" && !goesOn {
				t.Errorf("the trace goes on: %t, want %t", goesOn, row.goesOn)
			}
			if strings.Contains(c.Text(), "lucas") {
				t.Errorf("a stranger's words are in %s", c.Text())
			}
		})
	}
}
