package edge_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
)

// from is what counts of a request: the address or /64, and the /56.
func from(t *testing.T, a *edge.Addresses, peer string, forwarded ...string) (near, line string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = peer
	r.Header["X-Forwarded-For"] = forwarded
	r.Header.Set("Forwarded", "for=203.0.113.9")
	r.Header.Set("X-Real-IP", "203.0.113.9")
	ctx := edge.WithAddress(r, a.Of(r)).Context()
	return edge.Address(ctx), edge.Line(ctx)
}

// Whom a request comes from, however it is written, and what of that counts.
func TestWhomARequestComesFrom(t *testing.T) {
	const proxy = "10.0.0.1:4711"
	for _, row := range []struct {
		name, peer string
		forwarded  []string
		near, line string
	}{
		{"a stranger", "192.0.2.7:1", nil, "192.0.2.7", ""},
		{"a stranger who says that he is another", "192.0.2.7:1", []string{"192.0.2.8"}, "192.0.2.7", ""},
		{"a proxy that says nothing", proxy, nil, "10.0.0.1", ""},
		{"a proxy that says nothing in words", proxy, []string{"", " , "}, "10.0.0.1", ""},
		{"an IPv4 address", proxy, []string{"192.0.2.7"}, "192.0.2.7", ""},
		{"with a port", proxy, []string{"192.0.2.7:4711"}, "192.0.2.7", ""},
		{"with a port that is none", proxy, []string{"192.0.2.7:_x"}, "192.0.2.7", ""},
		{"in quotes", proxy, []string{`"192.0.2.7:4711"`}, "192.0.2.7", ""},
		{"mapped into IPv6, in brackets, with a port", proxy, []string{"[::ffff:192.0.2.7]:443"}, "192.0.2.7", ""},
		{"an IPv6 address", proxy, []string{"2001:db8:1:2ff::1"}, "2001:db8:1:2ff::/64", "2001:db8:1:200::/56"},
		{"in brackets", proxy, []string{"[2001:db8:1:2ff::1]"}, "2001:db8:1:2ff::/64", "2001:db8:1:200::/56"},
		{"in brackets, with a port", proxy, []string{"[2001:db8:1:2ff::1]:443"}, "2001:db8:1:2ff::/64", "2001:db8:1:200::/56"},
		{"in quotes and brackets", proxy, []string{`"[2001:db8:1:2ff::1]:443"`}, "2001:db8:1:2ff::/64", "2001:db8:1:200::/56"},
		{"through proxies in the middle, with ports", proxy, []string{"192.0.2.7:1, 10.0.0.5:2, [2001:db8:9::5]:3"}, "192.0.2.7", ""},
		{"through a proxy in the middle, mapped", proxy, []string{"192.0.2.7, ::ffff:10.0.0.5"}, "192.0.2.7", ""},
		{"through a proxy of others", proxy, []string{"192.0.2.7, 198.51.100.3:2, 10.0.0.5:3"}, "198.51.100.3", ""},
		{"in several lines", proxy, []string{"192.0.2.6", "192.0.2.7:1", "10.0.0.5"}, "192.0.2.7", ""},
		{"proxies of ours only", proxy, []string{"10.0.0.3:1, 10.0.0.2"}, "10.0.0.3", ""},
		{"no address", proxy, []string{"192.0.2.7, unknown"}, "10.0.0.1", ""},
		{"no address, behind a proxy in the middle", proxy, []string{"unknown, 10.0.0.5"}, "10.0.0.5", ""},
		{"a bracket too few", proxy, []string{"[2001:db8::1"}, "10.0.0.1", ""},
		{"a stranger by IPv6", "[2001:db8:1:2ff::1]:1", []string{"192.0.2.8"}, "2001:db8:1:2ff::/64", "2001:db8:1:200::/56"},
		{"a proxy by IPv6", "[2001:db8:9::1]:1", []string{"192.0.2.7:1"}, "192.0.2.7", ""},
		{"a proxy, mapped", "[::ffff:10.0.0.1]:1", []string{"192.0.2.7"}, "192.0.2.7", ""},
		{"a proxy on the link", "[fe80::5%eth0]:1", []string{"192.0.2.7"}, "192.0.2.7", ""},
		{"a neighbour on the link", "[fe80::7%eth0]:1", nil, "fe80::7%eth0", ""},
		{"a socket of this machine", "@", []string{"192.0.2.7"}, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := edge.NewAddresses([]string{"10.0.0.0/8", "2001:db8:9::/48", "fe80::5"}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if near, line := from(t, a, row.peer, row.forwarded...); near != row.near || line != row.line {
				t.Errorf("%q in %q, want %q in %q", near, line, row.near, row.line)
			}
		})
	}
}

// A range that is mapped into IPv6 is one of IPv4, and what is no range is refused.
func TestWhatIsTrusted(t *testing.T) {
	a, err := edge.NewAddresses([]string{"::ffff:10.0.0.0/104", "192.0.2.1"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, peer := range []string{"10.9.9.9:1", "192.0.2.1:1"} {
		if near, _ := from(t, a, peer, "198.51.100.7"); near != "198.51.100.7" {
			t.Errorf("%s is not trusted: %q", peer, near)
		}
	}
	if near, _ := from(t, a, "192.0.2.2:1", "198.51.100.7"); near != "192.0.2.2" {
		t.Errorf("another is trusted: %q", near)
	}
	if _, err := edge.NewAddresses([]string{"proxy.example"}, nil); err == nil {
		t.Error("a name is trusted")
	}
}

// What a proxy of ours writes and nobody can read is said once, without repeating it.
func TestAnUnreadableForwardedForIsSaidOnce(t *testing.T) {
	var log bytes.Buffer
	a, err := edge.NewAddresses([]string{"10.0.0.0/8"}, slog.New(slog.NewJSONHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	from(t, a, "192.0.2.7:1", "somebody")
	from(t, a, "10.0.0.1:1", "192.0.2.7:1")
	from(t, a, "10.0.0.1:1")
	if log.Len() > 0 {
		t.Errorf("nothing is wrong yet: %s", &log)
	}
	from(t, a, "10.0.0.1:1", "somebody")
	from(t, a, "10.0.0.1:1", "somebody else")
	if n := strings.Count(log.String(), "\n"); n != 1 || strings.Contains(log.String(), "somebody") || !strings.Contains(log.String(), `"proxy":"10.0.0.1"`) {
		t.Errorf("%d lines:\n%s", n, &log)
	}
}

// What goes on by itself counts for the same address as the request that it began with.
func TestWhatGoesOnKeepsItsAddress(t *testing.T) {
	a, err := edge.NewAddresses(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "192.0.2.7:1"
	err, done := edge.Apart(edge.WithAddress(r, a.Of(r)), time.Minute, new(sync.WaitGroup), func(ctx context.Context) error {
		if got := edge.Address(ctx); got != "192.0.2.7" {
			t.Errorf("it comes from %q", got)
		}
		return nil
	})
	if err != nil || !done {
		t.Errorf("%v, done: %v", err, done)
	}
}
