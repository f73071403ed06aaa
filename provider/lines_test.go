package provider_test

import (
	"fmt"
	"testing"

	"itsme-bridge/provider"
	. "itsme-bridge/provider/providertest"
)

// One line has many IPv6 networks: all of a /56 together have the ceiling of four, and
// another line has its own. It costs no round trip.
func TestTheNetworksOfOneLine(t *testing.T) {
	for name, refused := range countedRequests() {
		t.Run(name, func(t *testing.T) {
			s := light(t, Options{Config: func(c *provider.Config) {
				c.TrustedProxies, c.Limits.PerAddress = []string{"127.0.0.1"}, 1
			}})
			ask := func(network string) bool { return refused(t, s, []string{network}) }
			trips := 0
			for n := range 4 {
				s.ResetRoundtrips()
				if ask(fmt.Sprintf("2001:db8:0:1%02x::1", n)) {
					t.Fatalf("network %d is refused", n)
				}
				trips = s.Roundtrips()
			}
			if !ask("2001:db8:0:1ff::1") {
				t.Error("a fifth network of the line is not refused")
			}
			if ask("2001:db8:0:200::1") {
				t.Error("another line is refused")
			}
			s.ResetRoundtrips()
			if ask("192.0.2.7") || s.Roundtrips() != trips {
				t.Errorf("an IPv4 address: %d round trips, an IPv6 address: %d", s.Roundtrips(), trips)
			}
		})
	}
}
