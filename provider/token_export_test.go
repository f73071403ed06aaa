package provider

import (
	"context"
	"net/http"
	"time"

	"itsme-bridge/storage"
)

// PutGrant leaves behind what a login leaves behind, and returns the code.
func (p *Provider) PutGrant(ctx context.Context, g Grant) (string, error) {
	code := storage.NewHandle()
	return code.Text(), p.grants.Put(ctx, code, g, p.config.Code)
}

// Endpoint is a client's endpoint without the routes before it: "token",
// "userinfo", "introspect" or "revoke".
func (p *Provider) Endpoint(name string) http.Handler {
	r := map[string]rules{
		"token": tokenRules, "userinfo": userinfoRules, "introspect": introspectRules, "revoke": revokeRules,
	}[name]
	return p.logged("/"+name, p.guarded(p.backend(), r), p.failJSON)
}

// Guarded puts the guard of /userinfo before another backend than op.
func (p *Provider) Guarded(backend http.Handler) http.Handler {
	return p.logged("/userinfo", p.guarded(backend, userinfoRules), p.failBearer)
}

// Serve runs a handler as the routes do; fail is nil for failJSON.
func (p *Provider) Serve(h handler, fail failure) http.Handler {
	if fail == nil {
		fail = p.failJSON
	}
	return p.logged("/test", h, fail)
}

// FailBearer is how /userinfo fails.
func (p *Provider) FailBearer(w http.ResponseWriter, r *http.Request, e *Error) {
	p.failBearer(w, r, e)
}

// CountLogin and CountUpstream reach the metrics.
func (p *Provider) CountLogin(client, outcome string) { p.metrics.login(client, outcome) }

// CountUpstream is as CountLogin.
func (p *Provider) CountUpstream(operation, result string) {
	p.metrics.upstream(operation, result, time.Second)
}

// NewError makes an error as a handler returns it.
func NewError(status int, code, description string) error { return fail(status, code, description) }

// MergeClaims is merge of an ID token and claims.
func MergeClaims(ours any, claims string) (string, error) {
	merged, err := merge(ours, []byte(claims))
	return string(merged), err
}

// PutFamily leaves behind a family that is bound to a key, and returns its refresh token.
func (p *Provider) PutFamily(ctx context.Context, g Grant, c Client, jkt string) (string, error) {
	h, now := storage.NewHandle(), p.now()
	f := newFamily(&g, &c, jkt, now.Add(p.config.RefreshToken))
	return refreshToken(h, f.Turn), p.families.Put(ctx, h, f, f.life(now, p.config.AccessToken))
}

// ParseRefreshToken reads a refresh token, and writes it again.
func ParseRefreshToken(text string) (again string, ok bool) {
	family, turn, ok := parseRefreshToken(text)
	return refreshToken(family, turn), ok
}
