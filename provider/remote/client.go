package remote

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// DefaultTimeout bounds one exchange where Options say nothing.
const DefaultTimeout = 5 * time.Second

// Options say what a Client may reach, and how.
type Options struct {
	Reachable []netip.Prefix // private, loopback or otherwise special addresses that may be reached nevertheless
	RootCAs   *x509.CertPool // whose certificates are accepted; nil: the system's
	Resolver  *net.Resolver  // nil: the system's
	Timeout   time.Duration  // of one exchange, from the name's resolution to the last byte; 0: DefaultTimeout
	Tracer    trace.Tracer   // of the exchanges that belong to something traced; nil: nobody traces
}

// Client asks hosts that belong to somebody else. It is safe for concurrent use.
//
// Each errand has connections of its own, so that a host that is slow at one of
// them, or made slow by strangers, does not keep the others waiting.
type Client struct {
	timeout time.Duration
	fetches lane // of documents that strangers may ask for
	keys    lane // of key sets
	posts   lane
	tracer  trace.Tracer // nil: nobody traces
}

// lane is the connections of one errand.
type lane struct {
	errand string          // in a trace
	secure *http.Transport // for https
	plain  *http.Transport // for http
}

// perHost is how many connections one errand has to one host.
const perHost = 8

// New makes a client. It connects to nothing.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Client{timeout: o.Timeout, fetches: newLane("document", o), keys: newLane("keys", o), posts: newLane("notice", o), tracer: o.Tracer}
}

func newLane(errand string, o Options) lane {
	return lane{
		errand: errand,
		secure: newTransport(o, guard{reachable: o.Reachable}),
		plain:  newTransport(o, guard{reachable: o.Reachable, plain: true}),
	}
}

// newTransport is made for many hosts that are each asked seldom. Each exchange
// has a connection of its own, so that the guard sees each, none is left behind, and
// nothing is sent twice. It asks no proxy: no guard would see what that connects to.
func newTransport(o Options, g guard) *http.Transport {
	dialer := &net.Dialer{Timeout: o.Timeout, Resolver: o.Resolver, ControlContext: g.control}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    o.Timeout,
		DisableKeepAlives:      true,
		DisableCompression:     true, // a limit on bytes shall be one on what arrives
		MaxConnsPerHost:        perHost,
		MaxResponseHeaderBytes: 16 << 10,
	}
}

// Fetch reads a document of at most limit bytes; accept is the media type that
// is asked for. Anything but a 200 is an [ErrBadAnswer], also a redirect, and
// so is a longer document: a part of one is none.
func (c *Client) Fetch(ctx context.Context, address, accept string, limit int64) ([]byte, http.Header, error) {
	return c.fetch(ctx, c.fetches, address, accept, limit)
}

func (c *Client) fetch(ctx context.Context, by lane, address, accept string, limit int64) ([]byte, http.Header, error) {
	ctx, span := c.begin(ctx, by.errand)
	document, header, err := c.read(ctx, by, address, accept, limit)
	finish(span, http.StatusOK, err)
	return document, header, err
}

func (c *Client) read(ctx context.Context, by lane, address, accept string, limit int64) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	response, err := by.send(ctx, http.MethodGet, address, http.Header{"Accept": {accept}}, nil)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	host := response.Request.URL.Hostname()
	if response.StatusCode != http.StatusOK {
		return nil, nil, badStatus(host, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err == nil {
		err = ctx.Err() // a host that sees us hang up may end its answer as if it were whole
	}
	if err != nil {
		return nil, nil, unanswered(host, err)
	}
	if int64(len(body)) > limit {
		return nil, nil, badAnswer(host, "too long")
	}
	return body, response.Header, nil
}

// Post sends a form and returns the HTTP status of the answer, whatever it is.
// The answer's body is not read, and a redirect not followed.
func (c *Client) Post(ctx context.Context, address string, form url.Values) (int, error) {
	ctx, span := c.begin(ctx, c.posts.errand)
	status, err := c.post(ctx, address, form)
	finish(span, status, err)
	return status, err
}

func (c *Client) post(ctx context.Context, address string, form url.Values) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	response, err := c.posts.send(ctx, http.MethodPost, address, header, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// Reach reports whether a connection to an address comes about, as it would for a
// [Client.Post]: TCP, and TLS for https. Nothing is sent on it.
func (c *Client) Reach(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	target, err := parse(address)
	if err != nil {
		return err
	}
	transport, port := c.posts.secure, "443"
	if target.Scheme == "http" {
		transport, port = c.posts.plain, "80"
	}
	connection, err := transport.DialContext(ctx, "tcp", net.JoinHostPort(target.Hostname(), cmp.Or(target.Port(), port)))
	if err != nil {
		return failed(target.Hostname(), err)
	}
	defer func() { _ = connection.Close() }() // nothing was sent that could be lost
	if target.Scheme == "http" {
		return nil
	}
	secured := transport.TLSClientConfig.Clone()
	secured.ServerName = target.Hostname()
	if err := tls.Client(connection, secured).HandshakeContext(ctx); err != nil {
		return failed(target.Hostname(), err)
	}
	return nil
}

// send sends one request and returns as soon as the answer's header is there.
// It goes to the transport itself: that follows no redirect, keeps no cookie,
// and names no URL in its errors.
func (l lane) send(ctx context.Context, method, address string, header http.Header, body io.Reader) (*http.Response, error) {
	target, err := parse(address)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, forbidden(target.Hostname(), errAddress)
	}
	request.Header = header
	request.Header.Set("User-Agent", "itsme-bridge")
	transport := l.secure
	if target.Scheme == "http" {
		transport = l.plain
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, failed(target.Hostname(), err)
	}
	return response, nil
}
