package token

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/oauth"
)

// served is one call on its way through op, which would hide the most of it.
type served struct {
	call *clientauth.Call
	jwt  string // the answer, where it is no JSON
	err  error  // of the server's method: op does not get to see it
}

type servedKey struct{}

// servedOf is what ctx belongs to. Every method of server has one.
func servedOf(ctx context.Context) *served {
	s, _ := ctx.Value(servedKey{}).(*served)
	return s
}

// errOp is a fault in answering, on our side; what op says about it is not repeated.
var errOp = errors.New("provider: op could not answer")

// answer lets op decode the call and run the server's method, and sends what
// comes of it. An error is the method's own; what op writes about an error
// never leaves this function.
func answer(ctx context.Context, c *clientauth.Call, backend http.Handler) error {
	out, s := &buffer{header: http.Header{}, status: http.StatusOK}, &served{call: c}
	backend.ServeHTTP(out, decoded(context.WithValue(ctx, servedKey{}, s), c))
	if s.err != nil {
		return s.err
	}
	if s.jwt != "" {
		c.W.Header().Set("Content-Type", "application/jwt")
		_, _ = io.WriteString(c.W, s.jwt) // a client that has hung up is nobody's error
		return nil
	}
	if out.status >= http.StatusInternalServerError {
		return errOp
	}
	if out.status >= http.StatusBadRequest {
		return oauth.BadRequest("The request is malformed.")
	}
	if out.body.Len() > 0 {
		c.W.Header().Set("Content-Type", out.header.Get("Content-Type"))
	}
	c.W.WriteHeader(out.status)
	_, _ = c.W.Write(out.body.Bytes()) // a client that has hung up is nobody's error
	return nil
}

// decoded is the request for op: the path without the issuer's, the parameters
// that the endpoint knows, each once, and nothing else of what was sent.
func decoded(ctx context.Context, c *clientauth.Call) *http.Request {
	parameters := url.Values{}
	for _, name := range c.Endpoint.Parameters {
		if c.Form.Has(name) {
			parameters.Set(name, c.Form.Get(name))
		}
	}
	r := c.R.WithContext(ctx)
	r.URL = &url.URL{Path: c.Endpoint.Path}
	r.Header = http.Header{}
	if authorization := c.R.Header.Get("Authorization"); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if id, secret, ok := c.Basic(); ok {
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) // the one spelling that op knows
	}
	if c.DPoP {
		r.Header.Set("Authorization", "Bearer "+c.Bearer) // the one scheme that op knows
	}
	r.Form, r.PostForm, r.Body = parameters, parameters, http.NoBody
	return r
}

// buffer is a ResponseWriter that sends nothing.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header               { return b.header }
func (b *buffer) WriteHeader(status int)            { b.status = status }
func (b *buffer) Write(content []byte) (int, error) { return b.body.Write(content) }
