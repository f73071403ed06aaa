package config_test

import (
	"strings"
	"testing"

	. "itsme-bridge/cmd/internal/config/configtest"
)

// A host by a name that only a private network knows will hardly be asked where outbound lists nothing.
func TestNamesOfPrivateNetworks(t *testing.T) {
	const said = "its host looks like a name of a private network, and outbound.reachable is empty, so that it will hardly be asked; list its addresses there"
	for _, row := range []struct {
		name, host, reachable string
		warned                bool
	}{
		{"one label", "keycloak:8443", "[]", true},
		{"in a cluster", "shop.apps.svc.cluster.local", "[]", true},
		{"for inside", "sso.corp.internal", "[]", true},
		{"with a dot at its end", "keycloak.", "[]", true},
		{"the network is listed", "keycloak", "[10.0.0.0/8]", false},
		{"for the world", "sso.example.be", "[]", false},
		{"an address", "1.1.1.1", "[]", false},
	} {
		for _, entry := range []string{"backchannel_logout_uri: https://HOST/x", "jwks_uri: https://HOST/x", "jwks_uri: https://1.1.1.1/\n    request_uris: ['https://HOST/x']"} {
			text := Change(t, base, "clients:\n", "session: {ttl: 1h}\noutbound: {reachable: "+row.reachable+"}\nclients:\n")
			var lines []string
			for _, p := range parse(t, text+"    "+strings.ReplaceAll(entry, "HOST", row.host)+"\n").Warnings() {
				lines = append(lines, p.Text)
			}
			if got := strings.Join(lines, "\n"); (got == said) != row.warned || !row.warned && got != "" {
				t.Errorf("%s, %s: said %q", row.name, entry, got)
			}
		}
	}
}
