package itsme

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxBody is how much of an answer is read, in bytes.
const maxBody = 64 << 10

// What every request says of itself. A transport changes nothing of a request ([http.RoundTripper]), so that all have the
// same header.
var (
	withoutBody = http.Header{"Accept": {"application/json"}, "User-Agent": {"itsme-bridge"}}                                       // read only
	withBody    = http.Header{"Accept": {"application/json"}, "User-Agent": {"itsme-bridge"}, "Content-Type": {"application/json"}} // read only
)

// exchange is one request, sent once.
type exchange struct {
	method string
	path   string // below the base URL, escaped
	body   []byte // JSON; nil: none
}

// reply is its answer.
type reply struct {
	status int
	body   []byte // at most maxBody
	cut    bool   // there was more
	date   string // the field of the answer's header
	tls    *tls.ConnectionState
}

// do sends a request and reads the answer, whatever its status. It goes to the
// transport itself: that follows no redirect (a 307 would carry the merchant
// token to another host), keeps no cookie, and names no URL in its errors.
func (c *Client) do(ctx context.Context, e exchange) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, e.method, c.base+e.path, nil)
	if err != nil {
		return reply{}, err
	}
	if request.Header = withoutBody; e.body != nil {
		request.Header = withBody
	}
	// The transport re-sends by itself what it can rewind, or what has no body,
	// when a kept connection breaks. A body that it cannot know to be empty, and
	// cannot rewind, it sends once.
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(e.body)), int64(len(e.body))

	transport := c.gets
	if e.method == http.MethodPost {
		transport = c.posts
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return reply{}, err
	}
	return reply{
		status: response.StatusCode, body: body[:min(len(body), maxBody)], cut: len(body) > maxBody,
		date: response.Header.Get("Date"), tls: response.TLS,
	}, nil
}

// newTransport is made for one host that is called often: connections are kept,
// and their number is bounded. They rest for less time than servers and
// firewalls commonly allow, so that a POST seldom meets one that is just closing.
//
// What is meant for other programs, HTTPS_PROXY in the environment, is not asked:
// hosts of clients are never reached by a proxy, since no guard would see what it
// connects to, and a setting for one of two would be a surprise.
func newTransport(proxy *url.URL) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // 64 KiB shall be 64 KiB
		MaxIdleConnsPerHost:    64,
		MaxConnsPerHost:        800, // more than callers let through at once (provider/login: gates.go), so that nobody waits for one in vain
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	}
	return t
}
