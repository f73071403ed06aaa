package clientauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/signed"
)

// Call is one request of a client, as far as the guard has understood it.
type Call struct {
	Endpoint Endpoint
	W        http.ResponseWriter
	R        *http.Request

	Form   url.Values
	Bearer string       // the access token of the caller, still to be opened
	DPoP   bool         // it came in the scheme DPoP (RFC 9449 §7.1)
	Proof  signed.Proof // of the caller's key, right in itself; zero without one (RFC 9449)

	guard  *Guard
	caller credentials // still to be verified
	once   []once      // what the caller may use once
}

// follow says which login a call is about, by what it brings: a code, or a token
// that came of one. Each begins with an id of the login, which opens nothing. Calls
// that are refused belong to it no less.
func (c *Call) follow(ctx context.Context) {
	for _, brought := range []string{c.Bearer, c.Form.Get("code"), c.Form.Get("refresh_token"), c.Form.Get("token")} {
		id, _, _ := strings.Cut(brought, ".")
		edge.EventOf(ctx).OfLogin(id)
	}
}

// oneBearer finds the access token: in the Authorization header or in the
// form, not in both (RFC 6750 §2).
func oneBearer(c *Call) *oauth.Error {
	headers, inForm := c.R.Header.Values("Authorization"), c.Form.Get("access_token")
	if len(headers) > 1 || len(headers) == 1 && inForm != "" {
		return oauth.BadRequest("There is more than one access token.")
	}
	c.Bearer = inForm
	if len(headers) == 1 {
		scheme, token, _ := strings.Cut(headers[0], " ")
		c.DPoP = edge.InDPoP(headers[0])
		if c.DPoP || strings.EqualFold(scheme, "Bearer") {
			c.Bearer = strings.TrimLeft(token, " ") // RFC 6750 §2.1: one space or more
		}
	}
	if c.Bearer == "" {
		return oauth.Fail(http.StatusUnauthorized, "", "There is no access token.") // RFC 6750 §3.1: without a code
	}
	return nil
}
