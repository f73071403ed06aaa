package app_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage/storagetest"
)

// check hears where outbound will forbid what a client wants to be asked, before anybody asks.
func TestWhatOutboundForbidsIsSeenBefore(t *testing.T) {
	lookup := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		known := map[string][]netip.Addr{
			"intern.example": {netip.MustParseAddr("10.1.2.3")},
			"public.example": {netip.MustParseAddr("1.1.1.1")},
			"both.example":   {netip.MustParseAddr("fd00::1"), netip.MustParseAddr("1.1.1.1")},
			"nat.example":    {netip.MustParseAddr("100.64.0.7")},
			"mapped.example": {netip.MustParseAddr("::ffff:192.168.0.7")},
		}
		if found, ok := known[host]; ok {
			return found, nil
		}
		return nil, errors.New("no such host")
	}
	const logout, requests = "    backchannel_logout_uri: https://HOST/logout\n", "    jwks_uri: https://1.1.1.1/\n    request_uris: ['https://1.1.1.1/', 'https://HOST/']\n"
	const keys = "    jwks_uri: https://HOST/jwks\n"
	for _, row := range []struct{ name, entry, host, reachable, want string }{
		{"a private address", logout, "intern.example", "[]", "backchannel_logout_uri: its host is at 10.1.2.3,"},
		{"a listed one", logout, "intern.example", "[10.0.0.0/8]", ""},
		{"a public address", logout, "public.example", "[]", ""},
		{"one of each", logout, "both.example", "[]", ""},
		{"a carrier's", logout, "nat.example", "[]", "backchannel_logout_uri: its host is at 100.64.0.7,"},
		{"IPv4 as IPv6", logout, "mapped.example", "[]", "backchannel_logout_uri: its host is at 192.168.0.7,"},
		{"nobody", logout, "nowhere.example", "[]", ""},
		{"where keys are", keys, "intern.example", "[]", "jwks_uri: its host is at 10.1.2.3,"},
		{"where requests are", requests, "intern.example", "[]", "request_uris[1]: its host is at 10.1.2.3,"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := configtest.Change(t, local, "clients:\n", "session: {ttl: 1h}\noutbound: {reachable: "+row.reachable+"}\nclients:\n")
			settings := configured(t, storagetest.New(t), func(string) string { return text + strings.ReplaceAll(row.entry, "HOST", row.host) })
			var said []string
			for _, problem := range app.Unreachable(t.Context(), settings, lookup) {
				said = append(said, problem.String())
			}
			got := strings.Join(said, "\n")
			if (got != "") != (row.want != "") || !strings.Contains(got, row.want) {
				t.Errorf("said %q, want %q", got, row.want)
			}
		})
	}
}
