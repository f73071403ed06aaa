package itsme

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// The base URLs of CM's two environments. In Config they go by the names
// "production" and "sandbox".
const (
	Production = "https://api.cmdisp.com/itsme/v1/"
	Sandbox    = "https://api.sandbox.cmdisp.com/itsme/v1/"
)

// DefaultTimeout bounds one call where Config says nothing.
const DefaultTimeout = 5 * time.Second

// Config says where CM's API is and how to call it.
type Config struct {
	BaseURL       string            // "production", "sandbox" or a URL: https, or http on loopback
	Token         string            `json:"-"` // the merchant token, for every Start that brings none of its own
	Timeout       time.Duration     // of one call from dialling to the last byte; 0: DefaultTimeout
	StatusTimeout time.Duration     // likewise, of a status call, whose answer may be given once only; 0: as Timeout
	AllowedHosts  []string          // where authenticationUrl may point: "host", "host:port" or "*.domain"; empty: any https host
	AllowLoopback bool              // let authenticationUrl be plain http on loopback: the demo and tests
	Proxy         *url.URL          `json:"-"` // by which CM is reached; nil: by none, also where the environment names one
	Transport     http.RoundTripper `json:"-"` // nil: our own, with keep-alive and bounded connections, one for POST and one for GET
	Tracer        trace.Tracer      `json:"-"` // of the calls that belong to a traced request; nil: nobody traces
}

// Client calls CM's API. It is safe for concurrent use.
type Client struct {
	base        string // with a slash at its end
	token       secret
	timeout     time.Duration
	patience    time.Duration // of a status call
	destination destination
	posts, gets http.RoundTripper // with connections of their own
	tracer      trace.Tracer      // nil: nobody traces
}

// New checks c and makes a client of it. It connects to nothing.
func New(c Config) (*Client, error) {
	base, err := baseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if c.Timeout < 0 || c.StatusTimeout < 0 {
		return nil, errors.New("itsme: a timeout is negative")
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.StatusTimeout == 0 {
		c.StatusTimeout = c.Timeout
	}
	hosts, err := parseHosts(c.AllowedHosts)
	if err != nil {
		return nil, err
	}
	posts, gets := c.Transport, c.Transport
	if c.Transport == nil { // a POST that hangs takes no connection from a status call
		posts, gets = newTransport(c.Proxy), newTransport(c.Proxy)
	}
	return &Client{
		base:        base.ResolveReference(new(url.URL)).String(), // without dots in its path
		token:       newSecret(c.Token),
		timeout:     c.Timeout,
		patience:    c.StatusTimeout,
		destination: destination{hosts: hosts, loopback: c.AllowLoopback},
		posts:       posts,
		gets:        gets,
		tracer:      c.Tracer,
	}, nil
}

// baseURL resolves the name of an environment, or checks a URL. Its errors do
// not repeat the URL: it might hold somebody's password.
func baseURL(text string) (*url.URL, error) {
	switch text {
	case "":
		return nil, errors.New("itsme: no base URL: want production, sandbox or a URL")
	case "production":
		text = Production
	case "sandbox":
		text = Sandbox
	}
	base, err := url.Parse(text)
	if err != nil || base.Hostname() == "" || base.Opaque != "" {
		return nil, errors.New("itsme: the base URL is not an absolute URL")
	}
	switch {
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("itsme: the base URL has credentials, a query or a fragment")
	case base.Scheme == "https":
	case base.Scheme == "http" && isLoopback(base.Hostname()):
	default:
		return nil, fmt.Errorf("itsme: the base URL is %s: want https, or http on loopback", base.Scheme)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base = base.JoinPath("/")
	}
	return base, nil
}

// isLoopback reports whether host, without a port, names this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}
