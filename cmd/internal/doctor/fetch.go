package doctor

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
)

// question is a request to the issuer.
type question struct {
	method string // GET unless said
	path   string // below the issuer, with the query
	header map[string]string
	body   string
	plain  bool // by http, at the port of http
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte // as it was before somebody compressed it
	packed bool   // somebody did
	from   string // host:port that the request came from, on this side
}

// most bytes of an answer are read.
const most = 1 << 20

// ask sends one request on a connection of its own. It follows no redirect and asks no
// proxy: what a person's browser gets is what counts.
func (p *patient) ask(ctx context.Context, q question) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	var from string
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) { from = got.Conn.LocalAddr().String() }})
	target := p.issuer.At(q.path)
	if q.plain {
		target = "http://" + p.url.Hostname() + p.url.Path + q.path
	}
	request, err := http.NewRequestWithContext(ctx, orElse(q.method, http.MethodGet), target, strings.NewReader(q.body))
	if err != nil {
		return answer{}, err
	}
	if q.body == "" {
		request.Body, request.ContentLength = http.NoBody, 0
	}
	request.Header.Set("User-Agent", "itsme-bridge-doctor")
	for name, value := range q.header {
		request.Header.Set(name, value)
	}
	transport := &http.Transport{
		DialContext: p.Dial, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.Roots},
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{from: from}, err
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	got := answer{status: response.StatusCode, header: response.Header, from: from}
	body := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		got.packed = true
		if body, err = gzip.NewReader(body); err != nil {
			return got, err
		}
	}
	got.body, err = io.ReadAll(io.LimitReader(body, most))
	return got, err
}

// why is what went wrong on the way, and what helps.
func why(err error) (saw, advice string) {
	var certificate *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name *net.DNSError
	var clear tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "its certificate is of no authority that is known here", "serve the certificate with those between it and the root; an authority of your own goes into SSL_CERT_FILE"
	case errors.As(err, &certificate):
		return "its certificate is not accepted: " + certificate.Err.Error(), "get a certificate for this name, and have it renewed"
	case errors.As(err, &name):
		return "its name is not found", "make the DNS entry; or, where the name is another inside, one here, too"
	case errors.As(err, &clear):
		return "what answers does not speak TLS", "have the proxy listen with TLS (nginx: listen 443 ssl), or look at the port"
	case errors.Is(err, context.DeadlineExceeded):
		return "it does not answer in time", "look whether a firewall, or a load balancer that does not reach itself, is between"
	}
	return "it does not answer: " + err.Error(), "start what stands there, and look at what lets people through to it"
}
