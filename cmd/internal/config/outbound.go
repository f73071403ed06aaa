package config

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/remote"
)

// Outbound says what of the clients' own the bridge may reach: their jwks_uri,
// request_uris and backchannel_logout_uri.
type Outbound struct {
	Reachable   []netip.Prefix // special addresses: private ones, and this machine
	Authorities string         // PEM file, beside the system's; empty: the system's alone
}

// readOutbound: this machine goes without saying where nobody else is served.
func readOutbound(s document.Section, about situation) Outbound {
	var o Outbound
	if about.local {
		o.Reachable = thisMachine()
	}
	for _, item := range s.Value("reachable").Items() {
		prefix, ok := readRange(item)
		switch {
		case !ok: // complained of
		case prefix.Bits() < leastReachable(prefix.Addr()):
			item.Wrong("%s is more than any private network; write the ranges that are meant, such as 10.20.0.0/16", item.Quoted())
		default:
			about.doubtReachable(item, prefix)
			o.Reachable = append(o.Reachable, prefix.Masked())
		}
	}
	o.Authorities = readAuthorities(s.Value("ca_file"))
	return o
}

// leastReachable is the length of the widest private networks: 10.0.0.0/8 and fc00::/7.
func leastReachable(ip netip.Addr) int {
	if ip.Is4() {
		return 8
	}
	return 7
}

func thisMachine() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// RootCAs are the system's authorities and those in the file; nil: the system's alone.
func (o Outbound) RootCAs() (*x509.CertPool, error) { return withSystem(o.Authorities) }

// admits reports whether a host may be reached, as far as its name tells: what a
// name leads to is seen when it is used.
func (o Outbound) admits(host string) bool {
	ip, err := netip.ParseAddr(host)
	switch {
	case isLoopback(host) && err != nil:
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case err != nil:
		return true
	}
	return remote.Reaches(o.Reachable, ip)
}

// Asked is one address of a client's that the bridge will ask, by a name that only
// the network can tell more about.
type Asked struct {
	Host string

	at        Problem // without its text
	reachable []netip.Prefix
}

// Forbidden is what is wrong with it where the name leads to these addresses, if
// none of them may be asked.
func (a Asked) Forbidden(addresses []netip.Addr) (p Problem, forbidden bool) {
	if len(addresses) == 0 || slices.ContainsFunc(addresses, func(ip netip.Addr) bool { return remote.Reaches(a.reachable, ip) }) {
		return p, false
	}
	p = a.at
	p.Text = fmt.Sprintf("its host is at %s, on this machine or in a private network, and outbound.reachable does not list that: it will never be asked; list it there",
		addresses[0].Unmap().WithZone(""))
	return p, true
}

// mayAsk reads an address of a client's own that the bridge itself asks. What only
// the network knows of its host can be looked at later.
func (about situation) mayAsk(v document.Value, u *url.URL) {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || isLoopback(host) || about.asked == nil {
		return
	}
	*about.asked = append(*about.asked, Asked{host, v.Problem(""), about.outbound.Reachable})
	if inside(host) && len(about.outbound.Reachable) == 0 {
		v.Warn("its host looks like a name of a private network, and outbound.reachable is empty, so that it will hardly be asked; list its addresses there")
	}
}

// inside reports whether a name is one that the world does not know: of one label, or
// under a domain that is nobody's there (RFC 6762, RFC 8375, ICANN's .internal).
func inside(host string) bool {
	host = "." + strings.TrimSuffix(strings.ToLower(host), ".")
	return strings.Count(host, ".") == 1 || slices.ContainsFunc(
		[]string{".internal", ".local", ".lan", ".intranet", ".home.arpa", ".corp", ".home", ".svc"},
		func(suffix string) bool { return strings.HasSuffix(host, suffix) })
}

// asked is what an address must be that the bridge itself asks.
func (o Outbound) asked() []rule {
	return append(
		o.reached(),
		rule{func(_ *url.URL, text string) bool { return strings.Contains(text, "#") }, "holds a fragment, which is not sent to anybody; write it without #…"},
	)
}

// reached is what it must be at least. A request_uri may have a fragment, which
// names a version (OpenID Connect Core §6.2, Registration 1.0 §2).
func (o Outbound) reached() []rule {
	return append(
		web(),
		rule{
			func(u *url.URL, _ string) bool { return !o.admits(u.Hostname()) },
			"is inside, on this machine or in a private network, and outbound.reachable does not list it; list it there, or write a public address",
		},
	)
}
