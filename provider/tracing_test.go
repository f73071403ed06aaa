package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
	"itsme-bridge/provider/providertest/collector"
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
  redis count (count)
  cm start
  redis commit (commit)`},
		{"GET /itsme/return", `GET /itsme/return
  redis pipeline (lease read)
  apart
    cm status
    redis commit (commit)`},
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
