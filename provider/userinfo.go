package provider

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// oneBearer finds the access token: in the Authorization header or in the
// form, not in both (RFC 6750 §2).
func oneBearer(c *call) *Error {
	headers, inForm := c.r.Header.Values("Authorization"), c.form.Get("access_token")
	if len(headers) > 1 || len(headers) == 1 && inForm != "" {
		return badRequest("There is more than one access token.")
	}
	c.bearer = inForm
	if len(headers) == 1 {
		scheme, token, _ := strings.Cut(headers[0], " ")
		c.dpop = inDPoP(headers[0])
		if c.dpop || strings.EqualFold(scheme, "Bearer") {
			c.bearer = strings.TrimLeft(token, " ") // RFC 6750 §2.1: one space or more
		}
	}
	if c.bearer == "" {
		return fail(http.StatusUnauthorized, "", "There is no access token.") // RFC 6750 §3.1: without a code
	}
	return nil
}

// inDPoP reports whether an Authorization header is in the scheme DPoP, in any
// case (RFC 9449 §7.1, RFC 9110 §11.1).
func inDPoP(header string) bool {
	scheme, _, _ := strings.Cut(header, " ")
	return strings.EqualFold(scheme, "DPoP")
}

// UserInfo is GET and POST /userinfo.
func (s server) UserInfo(ctx context.Context, _ *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	answer, err := s.provider.userinfo(ctx, callOf(ctx))
	return reply(ctx, answer, err)
}

// userinfo is what the access token tells of the person: sub, and the claims
// that the login was granted (OpenID Connect Core §5.3.2).
func (p *Provider) userinfo(ctx context.Context, c *call) (json.RawMessage, error) {
	if e := p.readHolder(c); e != nil {
		return nil, e
	}
	session, _, ok, err := p.session(ctx, c.bearer, c.marks()...)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fail(http.StatusUnauthorized, invalidToken, "The access token is unknown, expired or revoked.")
	}
	event(ctx).Add(slog.String("client", session.ClientID))
	if e := p.checkHolder(c, &session); e != nil {
		return nil, e
	}
	return p.userinfoOf(ctx, &session)
}
