package itsme

import (
	"context"
	"net/http"
	"time"
)

// Reach reports whether CM answers, if only that there is nothing: a GET of the base
// URL, without a token, which costs nothing. A status of 5xx is no answer: that is
// what a gateway says whose CM is gone. The error is an *Error.
func (c *Client) Reach(ctx context.Context) error {
	_, err := c.Look(ctx)
	return err
}

// Glance is what can be seen of CM without a token.
type Glance struct {
	Status  int
	Date    time.Time // by CM's clock, to a second; zero: it does not say
	Expires time.Time // the certificate; zero: no TLS
}

// Look is Reach for whoever wants to know more.
func (c *Client) Look(ctx context.Context) (Glance, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	reply, err := c.do(ctx, exchange{method: http.MethodGet})
	if err != nil {
		return Glance{}, transportError(opReach, err)
	}
	if reply.status >= http.StatusInternalServerError {
		return Glance{}, statusError(opReach, reply.status)
	}
	seen := Glance{Status: reply.status}
	seen.Date, _ = http.ParseTime(reply.date) // zero where it is none
	if reply.tls != nil && len(reply.tls.PeerCertificates) > 0 {
		seen.Expires = reply.tls.PeerCertificates[0].NotAfter
	}
	return seen, nil
}
