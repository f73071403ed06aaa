package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// corsPaths are the addresses that scripts of every origin may call.
func corsPaths(t *testing.T, b *backchannel) []string {
	t.Helper()
	u, err := url.Parse(b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range []string{"/token", "/userinfo", "/revoke", "/keys", openidConfiguration, oauthServer} {
		all = append(all, b.issuer+path)
	}
	return append(all, "http://"+u.Host+oauthServer+u.Path) // RFC 8414 §3.1
}

// preflight asks as a browser does before a script's request with these headers.
func preflight(t *testing.T, b *backchannel, address string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Origin": {"https://spa.example"}, "Access-Control-Request-Method": {"POST"}}
	if headers != nil {
		r.Header["Access-Control-Request-Headers"] = headers
	}
	return b.do(r)
}

// Libraries for tracing add headers to every request of a script (W3C Trace
// Context, B3, Sentry, Datadog): it may send them all, and no cookies.
func TestPreflight(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	const ours = "Authorization, Content-Type, DPoP, If-None-Match"
	many := make([]string, 100)
	for i := range many {
		many[i] = "x-" + strings.Repeat("a", i)
	}
	for _, row := range []struct {
		name  string
		asked []string
		want  string
	}{
		{"none", nil, ours},
		{"nothing", []string{""}, ours},
		{"ours", []string{"authorization,content-type,dpop"}, ours},
		{"tracing", []string{"baggage,content-type,sentry-trace,traceparent,tracestate"}, ours + ", baggage, sentry-trace, traceparent, tracestate"},
		{"with spaces", []string{" traceparent , \tb3 "}, ours + ", traceparent, b3"},
		{"on two lines", []string{"traceparent", "x-datadog-trace-id"}, ours + ", traceparent, x-datadog-trace-id"},
		{"twice, in another case", []string{"traceparent,Traceparent,DPOP"}, ours + ", traceparent"},
		{"all signs of a name", []string{"a!#$%&'*+-.^_`|~1"}, ours + ", a!#$%&'*+-.^_`|~1"},
		{"what is no name", []string{"a b,c:d,e/f,\"g\",é,(h),i=j,k;l,good"}, ours + ", good"},
		{"a star", []string{"*,good"}, ours + ", good"},
		{"empty ones", []string{",,good,,"}, ours + ", good"},
		{"more bytes than are looked at", []string{"good," + strings.Repeat("x", 4000) + ",late"}, ours + ", good"},
		{"one name of more bytes", []string{strings.Repeat("x", 4000)}, ours},
		{"more names than are looked at", []string{strings.Join(many[:60], ",") + ",late"}, ours + ", " + strings.Join(many[:60], ", ")},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, address := range corsPaths(t, b) {
				got := preflight(t, b, address, row.asked...)
				for name, want := range map[string]string{
					"Access-Control-Allow-Headers": row.want, "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST",
					"Access-Control-Max-Age": "7200", "Vary": "Access-Control-Request-Headers", "Access-Control-Allow-Credentials": "",
				} {
					if said := strings.Join(got.header.Values(name), " | "); got.status != http.StatusNoContent || said != want {
						t.Errorf("%s: %d %s: %q, want %q", address, got.status, name, said, want)
					}
				}
			}
		})
	}
	for _, path := range []string{"/introspect", "/par", "/authorize", "/logout"} {
		if got := preflight(t, b, b.issuer+path, "traceparent"); got.status == http.StatusNoContent || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
}

// RFC 8414 §3.1: the address of an issuer with a path answers as the one below it does.
func TestAddressOfRFC8414(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	paths := corsPaths(t, b)
	address, below := paths[len(paths)-1], b.issuer+oauthServer
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost} {
		var answers []reply
		for _, at := range []string{address, below} {
			r, err := http.NewRequestWithContext(t.Context(), method, at, nil)
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, b.do(r))
		}
		got, want := answers[0], answers[1]
		for _, name := range []string{"ETag", "Cache-Control", "Content-Type", "Content-Length", "Access-Control-Allow-Origin"} {
			if !slices.Equal(got.header[name], want.header[name]) {
				t.Errorf("%s: %s %v, want %v", method, name, got.header[name], want.header[name])
			}
		}
		if got.status != want.status || got.body != want.body || method != http.MethodPost && got.status >= 400 {
			t.Errorf("%s: %d, want %d: %s", method, got.status, want.status, got.body)
		}
	}
}
