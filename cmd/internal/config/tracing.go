package config

import (
	"crypto/x509"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config/document"
)

// Tracing says where traces go, and which.
type Tracing struct {
	Endpoint      string          // of a collector, with its path; empty: there are no traces
	Headers       document.Secret // of each export, a line each as Name: value; see [Tracing.Header]
	Authorities   string          // PEM file, beside the system's; empty: the system's alone
	Sample        float64         // of how many requests, 0 to 1
	FollowProxies bool            // the traces of trusted proxies are gone on with
	ServiceName   string          //
	Timeout       time.Duration   // of one export
}

func readTracing(s document.Section) Tracing {
	t := Tracing{
		Authorities:   readAuthorities(s.Value("ca_file")),
		Sample:        readShare(s.Value("sample")),
		FollowProxies: s.Value("follow_proxies").Flag(false),
		ServiceName:   readServiceName(s.Value("service_name")),
		Timeout:       s.Value("timeout").Duration(5*time.Second, 100*time.Millisecond, 30*time.Second),
	}
	var clear bool
	t.Endpoint, clear = readCollector(s.Value("endpoint"), s.Value("insecure_http"))
	headers, at := s.Secret("headers")
	if t.Headers = headers; headers.Given() {
		checkHeaders(headers, at)
		if clear {
			at.Warn("goes to another machine in clear; write tracing.endpoint with https://, or keep the way there to yourself")
		}
	}
	endpoint := s.Value("endpoint")
	switch {
	case s.There():
		endpoint.Missing("write the URL of an OTLP/HTTP collector, such as https://collector.example.be:4318, or leave tracing out")
		if t.Sample == 0 && !t.FollowProxies && t.Endpoint != "" {
			s.Value("sample").Warn("is 0, and no proxy is followed, so that nothing is traced")
		}
	default:
		if name, ok := s.Environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"); ok {
			endpoint.Warn("is missing, and %s in the environment counts for nothing here; write it as tracing.endpoint if there are to be traces", name)
		}
	}
	return t
}

// readCollector reads where traces go: a whole URL, or one without a path. Clear is one
// by http to another machine.
func readCollector(v, insecure document.Value) (endpoint string, clear bool) {
	allowed := insecure.Flag(false)
	rules := []rule{
		{
			func(u *url.URL, _ string) bool {
				return u.Scheme == "http" && u.Host != "" && !isLoopback(u.Hostname()) && !allowed
			},
			"is http, and only loopback may be; write https://, or insecure_http: true where nobody else reads on the way",
		},
		{
			func(u *url.URL, _ string) bool { return u.RawQuery != "" || u.ForceQuery || u.Fragment != "" },
			"holds a query or a fragment; write it without",
		},
	}
	for _, r := range web() {
		rules = append(rules, rule{func(u *url.URL, text string) bool {
			plain := *u
			if plain.Scheme == "http" && plain.Host != "" { // seen to above
				plain.Scheme = "https"
			}
			return r.broken(&plain, text)
		}, r.wrong})
	}
	u, ok := address(v, rules)
	if !ok {
		return "", false
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces" // as OTLP has it
	}
	return u.String(), u.Scheme == "http" && !isLoopback(u.Hostname())
}

// readShare reads a number from 0 to 1.
func readShare(v document.Value) float64 {
	text, ok := v.Read()
	if !ok {
		return 1
	}
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || !(share >= 0 && share <= 1) { // NaN is neither
		v.Wrong("is %s; write a number from 0 to 1, such as 0.1 for a tenth", v.Quoted())
		return 1
	}
	return share
}

var serviceNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$`)

func readServiceName(v document.Value) string {
	text, ok := v.Read()
	if !ok {
		return "itsme-bridge"
	}
	if !serviceNames.MatchString(text) {
		v.Wrong("%s is not a name of at most 100 letters, digits and . _ / -; write such as itsme-bridge", v.Quoted())
	}
	return text
}

var headerNames = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+.^_|~-]+$`)

// checkHeaders complains of what is no header, without repeating it.
func checkHeaders(headers document.Secret, at document.Value) {
	for i, line := range strings.Split(headers.Reveal(), "\n") {
		name, value, ok := header(line)
		switch {
		case !ok || !headerNames.MatchString(name) || value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
			at.Wrong("line %d is not a header; write Name: value, such as Authorization: Bearer and a token", i+1)
		case slices.Contains(ours(), textproto.CanonicalMIMEHeaderKey(name)):
			at.Wrong("line %d is a header that the export itself sets; take it away", i+1)
		}
	}
}

// ours are the headers that an export sets.
func ours() []string {
	return []string{"Host", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "User-Agent", "Connection"}
}

func header(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, ":")
	return name, strings.TrimSpace(value), ok
}

// Header is what goes with each export, by name.
func (t Tracing) Header() map[string]string {
	headers := map[string]string{}
	if t.Headers.Given() {
		for line := range strings.SplitSeq(t.Headers.Reveal(), "\n") {
			if name, value, ok := header(line); ok {
				headers[name] = value
			}
		}
	}
	return headers
}

// RootCAs are the system's authorities and those in the file; nil: the system's alone.
func (t Tracing) RootCAs() (*x509.CertPool, error) { return withSystem(t.Authorities) }
