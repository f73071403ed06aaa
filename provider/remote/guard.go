package remote

import (
	"context"
	"net/netip"
	"slices"
	"syscall"
)

// A guard decides where a connection may go. It is asked for each address that
// a name resolves to, between the resolution and the connection, so that no
// name can show one address and lead to another.
type guard struct {
	reachable []netip.Prefix
	plain     bool // http: only to this machine, and only where it is listed
}

// control is net.Dialer's ControlContext.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	switch {
	case err != nil:
		return errSpecial
	case g.admits(to.Addr()):
		return nil
	case g.plain:
		return errPlain
	}
	return errSpecial
}

// Reaches reports whether a Client that may reach these special addresses asks a
// host at an address, by https.
func Reaches(reachable []netip.Prefix, a netip.Addr) bool {
	return guard{reachable: reachable}.admits(a)
}

// admits is the rule.
func (g guard) admits(a netip.Addr) bool {
	a = a.Unmap().WithZone("") // no prefix contains what is mapped, or has a zone
	if g.plain {
		return a.IsLoopback() && within(g.reachable, a)
	}
	return within(g.reachable, a) || public(a)
}

// public reports whether an address belongs to a host on the Internet, like any
// other there. Behind the well-known NAT64 prefix, that is for the IPv4 address to say (RFC 6052 §3.1).
func public(a netip.Addr) bool {
	if nat64.Contains(a) {
		bytes := a.As16()
		a = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if a.Is4() {
		return !within(special4, a)
	}
	return unicast6.Contains(a) && !within(special6, a)
}

func within(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// special4 is what of IPv4 is not for everybody (RFC 6890 and IANA's registry of it).
var special4 = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private (RFC 1918)
	"100.64.0.0/10",    // carriers' NAT (RFC 6598)
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // the platform's own address inside Azure
	"169.254.0.0/16",   // link-local, and the metadata of most clouds
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
)

// unicast6 is all of IPv6 that is given out so far. Outside of it are loopback,
// link-local, unique local and multicast addresses, and most that embed one of IPv4.
var unicast6 = netip.MustParsePrefix("2000::/3")

// special6 is what within unicast6 is not for everybody.
var special6 = prefixes(
	"2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}
