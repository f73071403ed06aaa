package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// Addresses find out whom a request comes from: the last one on its way that is no
// proxy of ours. Forwarded (RFC 7239) and X-Real-IP are not read, since a proxy that
// writes X-Forwarded-For passes on what a client wrote there.
type Addresses struct {
	proxies    []netip.Prefix
	log        *slog.Logger
	unreadable sync.Once
}

// NewAddresses believes these proxies, given as ranges or addresses, about who comes
// before them.
func NewAddresses(proxies []string, log *slog.Logger) (*Addresses, error) {
	a := &Addresses{log: log}
	for _, text := range proxies {
		prefix, err := rangeOf(text)
		if err != nil {
			return nil, fmt.Errorf("provider: trusted proxies: %w", err)
		}
		a.proxies = append(a.proxies, prefix)
	}
	return a, nil
}

// rangeOf reads a range or an address. What is mapped from IPv4 is IPv4.
func rangeOf(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if address, single := netip.ParseAddr(text); single == nil {
		prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err == nil && prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix, err
}

// Trusts reports whether an address is that of a proxy which is believed.
func (a *Addresses) Trusts(address netip.Addr) bool { return a.trusts(address.Unmap()) }

func (a *Addresses) trusts(address netip.Addr) bool {
	for _, prefix := range a.proxies {
		if prefix.Contains(address.WithZone("")) {
			return true
		}
	}
	return false
}

// ByProxy reports whether a request comes by a proxy of ours.
func (a *Addresses) ByProxy(r *http.Request) bool {
	from, ok := addressIn(r.RemoteAddr)
	return ok && a.trusts(from)
}

// Of is whom a request comes from; invalid where that is no address, as behind a socket
// of this machine.
func (a *Addresses) Of(r *http.Request) netip.Addr {
	from, ok := addressIn(r.RemoteAddr)
	if !ok || !a.trusts(from) {
		return from
	}
	way := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(way) - 1; i >= 0 && a.trusts(from); i-- {
		entry := strings.TrimSpace(way[i])
		if entry == "" {
			continue
		}
		before, ok := addressIn(entry)
		if !ok { // everybody who comes this way is one address
			a.complain(r.Context(), from)
			break
		}
		from = before
	}
	return from
}

// complain says once that a proxy of ours writes something that is no address. What it
// writes may be about a person.
func (a *Addresses) complain(ctx context.Context, proxy netip.Addr) {
	a.unreadable.Do(func() {
		a.log.LogAttrs(ctx, slog.LevelWarn, "the X-Forwarded-For of a trusted proxy cannot be read: whoever comes through it counts as one address",
			slog.String("proxy", proxy.String()))
	})
}

// addressIn reads an address as proxies write it: with or without a port, brackets and
// quotes. An IPv4 address mapped into IPv6 is an IPv4 address.
func addressIn(text string) (netip.Addr, bool) {
	text = strings.Trim(text, `"`)
	host := text
	if inside, bracketed := strings.CutPrefix(text, "["); bracketed {
		var closed bool
		if host, _, closed = strings.Cut(inside, "]"); !closed {
			return netip.Addr{}, false
		}
	} else if strings.Count(text, ":") == 1 { // of an IPv4 address and its port
		host, _, _ = strings.Cut(text, ":")
	}
	address, err := netip.ParseAddr(host)
	return address.Unmap(), err == nil
}

type addressKey struct{}

// counted is an address as far as limits care.
type counted struct{ near, line string }

// WithAddress keeps whom the request comes from, as far as limits care: one IPv4
// address; or the /64 that is one network, and the /56 that one subscriber's line
// commonly has. Whoever is on the same link is one address.
func WithAddress(r *http.Request, address netip.Addr) *http.Request {
	if !address.IsValid() {
		return r
	}
	c := counted{near: address.String()}
	if address.Is6() && !address.IsLinkLocalUnicast() {
		near, _ := address.Prefix(64) // both fit every IPv6 address
		line, _ := address.Prefix(56)
		c = counted{near: near.String(), line: line.String()}
	}
	return r.WithContext(context.WithValue(r.Context(), addressKey{}, c))
}

// Address is what WithAddress kept: an address or a /64; empty if there was none. It is
// personal data: it goes into a keyed hash and nowhere else.
func Address(ctx context.Context) string { return countedIn(ctx).near }

// Line is the /56 that an IPv6 address is of; empty for any other. It is personal data, too.
func Line(ctx context.Context) string { return countedIn(ctx).line }

func countedIn(ctx context.Context) counted {
	c, _ := ctx.Value(addressKey{}).(counted)
	return c
}
