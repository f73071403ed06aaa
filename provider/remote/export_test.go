package remote

import (
	"context"
	"net/netip"
)

// Admits is the rule of the guard.
func Admits(reachable []netip.Prefix, plain bool, a netip.Addr) bool {
	return guard{reachable: reachable, plain: plain}.admits(a)
}

// Dial is what the guard says of an address as a dialer writes it.
func Dial(address string) error { return guard{}.control(context.Background(), "tcp", address, nil) }
