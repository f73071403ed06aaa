package config_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/cmd/internal/config/reference"
)

// withTracing is the base with a section, whose keys stand from line 15 on.
func withTracing(section string) string {
	return strings.Replace(base, "clients:\n", "tracing: {"+section+"}\nclients:\n", 1)
}

func TestTracing(t *testing.T) {
	const (
		here   = "endpoint: 'http://127.0.0.1:4318'"
		header = "is not a header; write Name: value, such as Authorization: Bearer and a token"
	)
	row := func(name, put, want string) difference {
		return difference{name, "clients:\n", "tracing: {" + put + "}\nclients:\n", "15: tracing." + want}
	}
	missing := "endpoint: is missing; write the URL of an OTLP/HTTP collector, such as https://collector.example.be:4318, or leave tracing out"
	refused(t, []difference{
		row("no endpoint", "sample: 0.5", missing),
		row("a host alone", "endpoint: 'collector.example.be'", "endpoint: is not an absolute URL; write it with https://"),
		row("gRPC", "endpoint: 'grpc://collector.example.be:4317'", "endpoint: is neither https nor http; write https://"),
		row("no host", "endpoint: 'https:///v1/traces'", "endpoint: has no host; write https://, a host and a path"),
		row("a password", "endpoint: 'https://me:hunter2@collector.example.be'", "endpoint: holds a user name or a password; write it without"),
		row("a query", "endpoint: 'https://collector.example.be/?key=hunter2'", "endpoint: holds a query or a fragment; write it without"),
		row("in clear", "endpoint: 'http://collector.example.be:4318'",
			"endpoint: is http, and only loopback may be; write https://, or insecure_http: true where nobody else reads on the way"),
		row("too much", here+", sample: 1.5", `sample: is "1.5"; write a number from 0 to 1, such as 0.1 for a tenth`),
		row("too little", here+", sample: -1", `sample: is "-1"; write a number from 0 to 1, such as 0.1 for a tenth`),
		row("no number", here+", sample: NaN", `sample: is "NaN"; write a number from 0 to 1, such as 0.1 for a tenth`),
		row("percent", here+", sample: 10%", `sample: is "10%"; write a number from 0 to 1, such as 0.1 for a tenth`),
		row("a name with a space", here+", service_name: my bridge", `service_name: "my bridge" is not a name of at most 100 letters, digits and . _ / -; write such as itsme-bridge`),
		row("a header without a name", here+", headers: 'hunter2'", "headers: line 1 "+header),
		row("a header without a value", here+", headers: 'X-Key:'", "headers: line 1 "+header),
		row("a header with a break", here+`, headers: "X-Key: a\nhunter2"`, "headers: line 2 "+header),
		row("a header with a control", here+`, headers: "X-Key: hun\tter2"`, "headers: line 1 "+header),
		row("a header of ours", here+`, headers: "X-Key: a\ncontent-type: text/plain"`, "headers: line 2 is a header that the export itself sets; take it away"),
		row("no time", here+", timeout: 0", "timeout: 0s is too short; at least 100ms"),
		row("no authority", here+", ca_file: config.go", "ca_file: holds no certificate; write a PEM file of certificate authorities"),
		row("an unknown key", here+", protocol: grpc", "protocol: unknown key; the nearest that is known here is endpoint"),
	})
}

func TestWhatTracingBecomes(t *testing.T) {
	folder := t.TempDir()
	PutFile(t, filepath.Join(folder, "headers"), "Authorization: Bearer hunter2\nX-Scope-OrgID: bridge\n", 0o600)
	for _, row := range []struct {
		name, section string
		want          config.Tracing
		headers       map[string]string
	}{
		{"nothing", "", config.Tracing{Sample: 1, ServiceName: "itsme-bridge", Timeout: 5 * time.Second}, nil},
		{
			"an endpoint", "tracing: {endpoint: 'https://collector.example.be:4318'}\n",
			config.Tracing{Endpoint: "https://collector.example.be:4318/v1/traces", Sample: 1, ServiceName: "itsme-bridge", Timeout: 5 * time.Second},
			nil,
		},
		{
			"everything", "tracing: {endpoint: 'http://collector:4318/otlp/v1/traces', insecure_http: true, sample: 0.25, follow_proxies: true, " +
				"service_name: login, timeout: 2s, headers_file: headers}\n",
			config.Tracing{Endpoint: "http://collector:4318/otlp/v1/traces", Sample: 0.25, FollowProxies: true, ServiceName: "login", Timeout: 2 * time.Second},
			map[string]string{"Authorization": "Bearer hunter2", "X-Scope-OrgID": "bridge"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(row.section+base), Environment)
			if err != nil {
				t.Fatal(err)
			}
			got := c.Tracing
			if headers := got.Header(); !maps.Equal(headers, row.headers) {
				t.Errorf("headers: %v", headers)
			}
			got.Headers = row.want.Headers
			if got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// What the reference writes down for what it does not use is the default.
func TestTheReferenceTellsTheDefaultsOfTracing(t *testing.T) {
	section := "endpoint: 'https://collector.example.be'"
	usual := parse(t, withTracing(section)).Tracing
	for _, key := range []string{"sample", "follow_proxies", "service_name", "timeout", "insecure_http"} {
		e, ok := reference.Find("tracing." + key)
		if !ok || e.Value == "" {
			t.Errorf("the reference has no value of %s", key)
		}
		section += ", " + key + ": " + e.Value
	}
	if told := parse(t, withTracing(section)).Tracing; told != usual {
		t.Errorf("it says %+v, and the default is %+v", told, usual)
	}
}

// What the environment says to other programs of OpenTelemetry counts for nothing here, and
// whoever thinks that it does is told.
func TestTracingWarnings(t *testing.T) {
	for _, row := range []struct{ name, section, environment, want string }{
		{"nothing", "", "", ""},
		{
			"an endpoint in the environment", "", "OTEL_EXPORTER_OTLP_ENDPOINT",
			"tracing.endpoint: is missing, and OTEL_EXPORTER_OTLP_ENDPOINT in the environment counts for nothing here; write it as tracing.endpoint if there are to be traces",
		},
		{
			"one of traces", "", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
			"tracing.endpoint: is missing, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT in the environment counts for nothing here; write it as tracing.endpoint if there are to be traces",
		},
		{"beside ours", "endpoint: 'https://collector.example.be'", "OTEL_EXPORTER_OTLP_ENDPOINT", ""},
		{
			"a secret in clear", "endpoint: 'http://collector:4318', insecure_http: true, headers: 'X-Key: hunter2'", "",
			"tracing.headers: goes to another machine in clear; write tracing.endpoint with https://, or keep the way there to yourself",
		},
		{"a secret on this machine", "endpoint: 'http://127.0.0.1:4318', headers: 'X-Key: hunter2'", "", ""},
		{"nothing is traced", "endpoint: 'https://collector.example.be', sample: 0", "", "tracing.sample: is 0, and no proxy is followed, so that nothing is traced"},
		{"a proxy's is", "endpoint: 'https://collector.example.be', sample: 0, follow_proxies: true", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := base
			if row.section != "" {
				text = withTracing(row.section)
			}
			c, err := config.Parse("a.yaml", []byte(text), func(name string) (string, bool) {
				if name == row.environment {
					return "http://hunter2:4318", true
				}
				return Environment(name)
			})
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, p := range c.Warnings() {
				_, text, _ := strings.Cut(strings.TrimPrefix(p.String(), "a.yaml:"), ": ")
				said = append(said, text)
			}
			if got := strings.Join(said, "\n"); got != row.want || strings.Contains(got, "hunter2") {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}
