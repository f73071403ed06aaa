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

// Known is a handler whose request is known to come from where it does, as far as limits care.
func (a *Addresses) Known(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return h(w, WithAddress(r, a.Of(r))) }
}

// WithAddress keeps whom the request comes from. Outside of [Edge.Logged] it has an event
// for nothing else.
func WithAddress(r *http.Request, address netip.Addr) *http.Request {
	e, ok := r.Context().Value(eventKey{}).(*Event)
	if !ok {
		e = new(Event)
		r = r.WithContext(context.WithValue(r.Context(), eventKey{}, e))
	}
	e.from = address
	return r
}

// Address is whom a request comes from, as far as limits care: one IPv4 address, or the
// /64 that is one network. Whoever is on the same link is one address. It is empty where
// nobody is known, and personal data: it goes into a keyed hash and nowhere else.
func Address(ctx context.Context) string {
	switch from := EventOf(ctx).from; {
	case !from.IsValid():
		return ""
	case isOfALine(from):
		return rangeAround(from, 64)
	default:
		return from.String()
	}
}

// Line is the /56 that an IPv6 address is of, which one subscriber's line commonly has;
// empty for any other. It is personal data, too.
func Line(ctx context.Context) string {
	if from := EventOf(ctx).from; isOfALine(from) {
		return rangeAround(from, 56)
	}
	return ""
}

func isOfALine(address netip.Addr) bool { return address.Is6() && !address.IsLinkLocalUnicast() }

func rangeAround(address netip.Addr, bits int) string {
	around, _ := address.Prefix(bits) // it fits every IPv6 address
	return around.String()
}
