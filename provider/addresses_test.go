package provider_test

import (
	"net/http"
	"testing"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// countedRequests are the requests that are counted by the address that they come from.
// Each says whether one that comes from there is refused for being one too many.
func countedRequests() map[string]func(t *testing.T, s *Server, forwarded []string) bool {
	browser := func(s *Server, forwarded []string) *Browser {
		b := s.Browser()
		b.Header["X-Forwarded-For"] = forwarded
		return b
	}
	return map[string]func(*testing.T, *Server, []string) bool{
		"a start": func(_ *testing.T, s *Server, forwarded []string) bool {
			return browser(s, forwarded).Authorize(nil).Status == http.StatusTooManyRequests
		},
		"a click": func(_ *testing.T, s *Server, forwarded []string) bool {
			b := browser(s, forwarded)
			b.Header.Del("Sec-Fetch-Mode")
			b.Header.Del("Sec-Fetch-Dest")
			return b.Submit(b.Authorize(nil), "/itsme/continue").Status == http.StatusTooManyRequests
		},
		"a push": func(t *testing.T, s *Server, forwarded []string) bool {
			t.Helper()
			answer, err := s.Call("/par", Request(set("client_id", SPA)), func(r *http.Request) { r.Header["X-Forwarded-For"] = forwarded })
			if err != nil {
				t.Fatal(err)
			}
			return answer.Status == http.StatusTooManyRequests
		},
	}
}

// What counts as one address: that which the last proxy that is not ours has
// seen, an IPv4 address however it is written, and all of an IPv6 /64.
func TestWhoIsOneAddress(t *testing.T) {
	for _, row := range []struct {
		name          string
		first, second []string // lines of X-Forwarded-For
		same          bool
	}{
		{"the same IPv4 address", []string{"192.0.2.7"}, []string{"192.0.2.7"}, true},
		{"two IPv4 addresses", []string{"192.0.2.7"}, []string{"192.0.2.8"}, false},
		{"an IPv4 address, and the same mapped into IPv6", []string{"192.0.2.7"}, []string{"::ffff:192.0.2.7"}, true},
		{"mapped, and mapped in hexadecimal", []string{"::ffff:192.0.2.7"}, []string{"::ffff:c000:207"}, true},
		{"two mapped IPv4 addresses", []string{"::ffff:192.0.2.7"}, []string{"::ffff:192.0.2.8"}, false},
		{"the first and the last of an IPv6 /64", []string{"2001:db8:0:1::"}, []string{"2001:db8:0:1:ffff:ffff:ffff:ffff"}, true},
		{"two IPv6 /64 side by side", []string{"2001:db8:0:1::1"}, []string{"2001:db8:0:2::1"}, false},
		{"an IPv6 address, written in two ways", []string{"2001:DB8:0:1:0:0:0:1"}, []string{"2001:db8:0:1::1"}, true},
		{"a client's own words before what the proxy writes", []string{"198.51.100.1, 192.0.2.7"}, []string{"198.51.100.2, 192.0.2.7"}, true},
		{"likewise in a line of their own", []string{"198.51.100.1", "192.0.2.7"}, []string{"198.51.100.2", "192.0.2.7"}, true},
		{"two people behind the same two proxies", []string{"192.0.2.7, 10.0.0.5"}, []string{"192.0.2.8, 10.0.0.5"}, false},
		{"one person by way of two proxies of ours", []string{"192.0.2.7, 10.0.0.5"}, []string{"192.0.2.7,10.0.0.6"}, true},
		{"a proxy of ours, mapped", []string{"192.0.2.7, ::ffff:10.0.0.5"}, []string{"192.0.2.8, ::ffff:10.0.0.5"}, false},
		{"two people, mapped, behind two proxies", []string{"::ffff:192.0.2.7, 10.0.0.5"}, []string{"::ffff:192.0.2.8, 10.0.0.5"}, false},
		{"an IPv4 address, from two ports", []string{"192.0.2.7:4711"}, []string{"192.0.2.7:4712"}, true},
		{"an IPv4 address, with its port and without", []string{"192.0.2.7:4711"}, []string{"192.0.2.7"}, true},
		{"two IPv4 addresses, with ports", []string{"192.0.2.7:4711"}, []string{"192.0.2.8:4711"}, false},
		{"an IPv6 address, in brackets and without", []string{"[2001:db8:0:1::1]"}, []string{"2001:db8:0:1::1"}, true},
		{"an IPv6 address, from two ports", []string{"[2001:db8:0:1::1]:443"}, []string{"[2001:db8:0:1::1]:444"}, true},
		{"two IPv6 /64, with ports", []string{"[2001:db8:0:1::1]:443"}, []string{"[2001:db8:0:2::1]:443"}, false},
		{"two people behind a proxy of ours with a port", []string{"192.0.2.7:1, 10.0.0.5:2"}, []string{"192.0.2.8:1, 10.0.0.5:2"}, false},
		{"two people behind a proxy that is not ours", []string{"192.0.2.7, 192.0.2.9:2"}, []string{"192.0.2.8, 192.0.2.9:2"}, true},
		{"no address at all: that of the proxy", []string{"unknown"}, []string{"_hidden"}, true},
	} {
		for name, refused := range countedRequests() {
			t.Run(row.name+", "+name, func(t *testing.T) {
				s := light(t, Options{Config: func(c *provider.Config) {
					c.TrustedProxies, c.Limits.PerAddress = []string{"127.0.0.1", "10.0.0.0/8"}, 1
				}})
				if refused(t, s, row.first) {
					t.Fatal("the first is refused")
				}
				if got := refused(t, s, row.second); got != row.same {
					t.Errorf("the second is refused: %v, want %v", got, row.same)
				}
			})
		}
	}
}
