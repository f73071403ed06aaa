package itsme

import (
	"context"
	"net/http"
)

// Reach reports whether CM answers, if only that there is nothing: a GET of the base
// URL, without a token, which costs nothing. A status of 5xx is no answer: that is
// what a gateway says whose CM is gone. The error is an *Error.
func (c *Client) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	reply, err := c.do(ctx, exchange{method: http.MethodGet})
	if err != nil {
		return transportError(opReach, err)
	}
	if reply.status >= http.StatusInternalServerError {
		return statusError(opReach, reply.status)
	}
	return nil
}
