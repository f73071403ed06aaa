package provider

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"itsme-bridge/provider/signed"
)

// call is one request of a client, as far as the guard has understood it.
type call struct {
	endpoint endpoint
	w        http.ResponseWriter
	r        *http.Request

	query, form url.Values
	client      credentials // of the caller, still to be verified
	bearer      string      // the access token of the caller, still to be opened
	dpop        bool        // it came in the scheme DPoP (RFC 9449 §7.1)

	proof signed.Proof // of the caller's key, right in itself; zero without one (RFC 9449)
	once  []once       // what the caller may use once

	jwt string // the answer, where it is no JSON

	err error // of the server's method: op does not get to see it
}

type callKey struct{}

// errOp is a fault in answering, on our side; what op says about it is not repeated.
var errOp = errors.New("provider: op could not answer")

// callOf is the call that ctx belongs to. Every method of server has one.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// answer lets op decode the call and run the server's method, and sends what
// comes of it. An error is the method's own; what op writes about an error
// never leaves this function.
func (c *call) answer(ctx context.Context, backend http.Handler) error {
	out := &buffer{header: http.Header{}, status: http.StatusOK}
	backend.ServeHTTP(out, c.decoded(ctx))
	if c.err != nil {
		return c.err
	}
	if c.jwt != "" {
		c.w.Header().Set("Content-Type", "application/jwt")
		_, _ = io.WriteString(c.w, c.jwt) // a client that has hung up is nobody's error
		return nil
	}
	if out.status >= http.StatusInternalServerError {
		return errOp
	}
	if out.status >= http.StatusBadRequest {
		return badRequest("The request is malformed.")
	}
	if out.body.Len() > 0 {
		c.w.Header().Set("Content-Type", out.header.Get("Content-Type"))
	}
	c.w.WriteHeader(out.status)
	_, _ = c.w.Write(out.body.Bytes()) // a client that has hung up is nobody's error
	return nil
}

// decoded is the request for op: the path without the issuer's, the parameters
// that the endpoint knows, each once, and nothing else of what was sent.
func (c *call) decoded(ctx context.Context) *http.Request {
	parameters := url.Values{}
	for _, name := range c.endpoint.parameters {
		if c.form.Has(name) {
			parameters.Set(name, c.form.Get(name))
		}
	}
	r := c.r.WithContext(ctx)
	r.URL = &url.URL{Path: c.endpoint.path}
	r.Header = http.Header{}
	if authorization := c.r.Header.Get("Authorization"); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if c.dpop {
		r.Header.Set("Authorization", "Bearer "+c.bearer) // the one scheme that op knows
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
