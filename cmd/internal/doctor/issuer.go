package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

func checkIssuerNames(ctx context.Context, p *patient) []Finding {
	host := p.url.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return one(skip("the issuer is an address, and has no name to look up"))
	}
	addresses, err := p.Lookup(ctx, host)
	if err != nil || len(addresses) == 0 {
		return one(bad("the name "+host+" is not found from here", "make its DNS entry; where it exists only outside, make one inside, too, or run doctor outside"))
	}
	return one(fine("%s is at %s", host, strings.Join(addresses, ", ")))
}

// checkIssuerCertificate looks at each address, since each may have a certificate of its own.
func checkIssuerCertificate(ctx context.Context, p *patient) []Finding {
	if p.url.Scheme != "https" {
		return one(skip("the issuer is http"))
	}
	p.bridge() // which may have to be played
	host, port := p.url.Hostname(), cmp.Or(p.url.Port(), "443")
	addresses := []string{host}
	if found, err := p.Lookup(ctx, host); err == nil && len(found) > 0 {
		addresses = found
	}
	var found []Finding
	for _, address := range addresses[:min(len(addresses), 8)] {
		f := p.certificateAt(ctx, net.JoinHostPort(address, port), host)
		if len(addresses) > 1 {
			f = f.about(address)
		}
		found = append(found, f)
	}
	return found
}

func (p *patient) certificateAt(ctx context.Context, address, host string) Finding {
	state, err := p.handshake(ctx, address, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: p.Roots})
	if err != nil {
		return bad(why(err))
	}
	leaf := state.PeerCertificates[0]
	left := leaf.NotAfter.Sub(p.Now())
	if left < soon {
		return warn(fmt.Sprintf("the certificate of %s ends on %s, in %.0f days", host, leaf.NotAfter.Format(time.DateOnly), left.Hours()/24), "renew it, and see why that does not happen by itself")
	}
	//nolint:gosec // G402: whether the old versions are accepted is what is asked
	if _, err := p.handshake(ctx, address, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, ServerName: host, RootCAs: p.Roots}); err == nil {
		return warn("TLS 1.1 and older are accepted there", "allow TLS 1.2 and 1.3 alone (nginx: ssl_protocols TLSv1.2 TLSv1.3)")
	}
	return fine("the certificate of %s is good until %s, with %s", host, leaf.NotAfter.Format(time.DateOnly), tls.VersionName(state.Version))
}

func (p *patient) handshake(ctx context.Context, address string, c *tls.Config) (tls.ConnectionState, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	connection, err := p.Dial(ctx, "tcp", address)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = connection.Close() }() // nothing was sent that could be lost
	secured := tls.Client(connection, c)
	err = secured.HandshakeContext(ctx)
	return secured.ConnectionState(), err
}

// checkPlain looks at what stands at the port of http, where people come who type the host.
func checkPlain(ctx context.Context, p *patient) []Finding {
	if p.url.Scheme != "https" {
		return one(skip("the issuer is http"))
	}
	got, err := p.ask(ctx, question{path: discoveryPath, plain: true})
	switch {
	case err != nil:
		return one(fine("nothing answers by http"))
	case got.status >= 300 && got.status < 400 && strings.HasPrefix(got.header.Get("Location"), "https://"):
		return one(fine("http leads on to https"))
	case got.status == http.StatusOK:
		return one(warn("discovery is served by http, too: what is sent there is read and changed on the way", "let http lead on to https (nginx: return 301 https://$host$request_uri)"))
	}
	return one(fine("http answers %d", got.status))
}
