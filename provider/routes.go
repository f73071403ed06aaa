package provider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// handler answers a request, or returns an error and then has written nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

// failure tells the world about an error, in the endpoint's own way.
type failure func(w http.ResponseWriter, r *http.Request, e *Error)

// routes is the only place that knows gin.
func (p *Provider) routes() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false                 // its redirect would repeat the query, and be kept
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // and no other, which a client might have written
	if err := engine.SetTrustedProxies(p.config.TrustedProxies); err != nil {
		return nil, fmt.Errorf("provider: trusted proxies: %w", err)
	}
	group := engine.Group(p.issuer.Path)
	route := func(method, path string, h handler, fail failure) {
		serve := p.logged(strings.TrimSuffix(path, "/*proof"), h, fail)
		group.Handle(method, path, func(c *gin.Context) {
			c.Request.SetPathValue("id", c.Param("id"))
			serve(c.Writer, withAddress(c.Request, c.ClientIP()))
		})
	}
	get := func(path string, h handler, fail failure) { route(http.MethodGet, path, h, fail) }
	post := func(path string, h handler, fail failure) { route(http.MethodPost, path, h, fail) }
	both := func(path string, h handler, fail failure) { get(path, h, fail); post(path, h, fail) }

	// people, with a browser
	both("/authorize", p.page(p.authorize), p.failPage)
	both("/logout", p.page(p.logout), p.failPage)
	for path, h := range map[string]handler{"/itsme/continue": p.proceed, "/itsme/retry": p.retry, "/itsme/leave": p.leave, confirmPath: p.confirm} {
		post(path, p.page(h), p.failPage)
		get(path, p.page(p.astray), p.failPage) // reloaded from the address bar
	}
	get("/itsme/return", p.page(p.comeBack), p.failPage)
	get("/itsme/return/*proof", p.page(p.comeBack), p.failPage)
	get("/itsme/login/:id", p.page(p.current), p.failPage)

	// clients, with credentials or a token
	backend := p.backend()
	post("/par", p.ruled(parRules, p.push), p.failJSON)
	post("/token", p.guarded(backend, tokenRules), p.failJSON)
	both("/userinfo", p.guarded(backend, userinfoRules), p.failBearer)
	post("/introspect", p.guarded(backend, introspectRules), p.failJSON)
	post("/revoke", p.guarded(backend, revokeRules), p.failJSON)

	// everybody
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		route(method, "/.well-known/openid-configuration", p.discovery, p.failJSON)
		route(method, "/.well-known/oauth-authorization-server", p.discovery, p.failJSON)
		route(method, "/keys", p.jwks, p.failJSON)
	}
	for _, path := range []string{
		"/token", "/userinfo", "/revoke", "/keys",
		"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
	} {
		route(http.MethodOptions, path, preflight, p.failJSON)
	}
	if p.issuer.Path != "" { // RFC 8414 §3.1 puts the issuer's path behind the well-known part
		wellKnown := p.logged("/.well-known/oauth-authorization-server", p.discovery, p.failJSON)
		engine.GET("/.well-known/oauth-authorization-server"+p.issuer.Path, gin.WrapF(wellKnown))
	}
	engine.NoRoute(gin.WrapF(p.logged("none", p.page(p.notFound), p.failPage)))
	engine.NoMethod(gin.WrapF(p.logged("none", p.notAllowed, p.failJSON)))
	return engine, nil
}
