package provider

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// rooms are what the routes lead to.
type rooms struct {
	authorize *AuthorizeEndpoints
	login     *Logins
	token     *TokenEndpoints
	logout    *Logouts
	discovery *Documents
}

// paths are what discovery says of them.
func paths() Paths {
	return Paths{
		Authorize: "/authorize", Push: PushPath, Token: Path, Userinfo: UserinfoPath,
		Introspect: IntrospectPath, Revoke: RevokePath, Logout: LogoutPath,
	}
}

// engineFor is gin, which this file alone knows.
func engineFor(trustedProxies []string) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false                 // its redirect would repeat the query, and be kept
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // and no other, which a client might have written
	if err := engine.SetTrustedProxies(trustedProxies); err != nil {
		return nil, fmt.Errorf("provider: trusted proxies: %w", err)
	}
	return engine, nil
}

// routes lists every route.
func routes(issuer Issuer, trustedProxies []string, x *Edge, to *rooms) (http.Handler, error) {
	engine, err := engineFor(trustedProxies)
	if err != nil {
		return nil, err
	}
	group := engine.Group(issuer.path())
	route := func(method, path string, h Handler, fail Failure) {
		serve := x.logged(strings.TrimSuffix(path, "/*proof"), h, fail)
		group.Handle(method, path, func(c *gin.Context) {
			c.Request.SetPathValue("id", c.Param("id"))
			serve(c.Writer, withAddress(c.Request, c.ClientIP()))
		})
	}
	get := func(path string, h Handler, fail Failure) { route(http.MethodGet, path, h, fail) }
	post := func(path string, h Handler, fail Failure) { route(http.MethodPost, path, h, fail) }
	both := func(path string, h Handler, fail Failure) { get(path, h, fail); post(path, h, fail) }
	form := func(path string, h, astray Handler) {
		post(path, x.page(h), x.failPage)
		get(path, x.page(astray), x.failPage) // reloaded from the address bar
	}

	// people, with a browser
	both("/authorize", x.page(to.authorize.Authorize), x.failPage)
	form("/itsme/continue", to.authorize.Continue, to.login.Astray)
	get("/itsme/return", x.page(to.login.Return), x.failPage)
	get("/itsme/return/*proof", x.page(to.login.Return), x.failPage)
	get("/itsme/login/:id", x.page(to.login.Current), x.failPage)
	form("/itsme/retry", to.login.Retry, to.login.Astray)
	form("/itsme/leave", to.login.Leave, to.login.Astray)
	both("/logout", x.page(to.logout.Logout), x.failPage)
	form("/itsme/logout", to.logout.Confirm, to.logout.Astray)

	// clients, with credentials or a token
	post("/par", to.authorize.Push(), x.failJSON)
	post("/token", to.token.Token(), x.failJSON)
	both("/userinfo", to.token.Userinfo(), x.failBearer)
	post("/introspect", to.token.Introspect(), x.failJSON)
	post("/revoke", to.token.Revoke(), x.failJSON)

	// everybody
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		route(method, "/.well-known/openid-configuration", to.discovery.Discovery, x.failJSON)
		route(method, "/.well-known/oauth-authorization-server", to.discovery.Discovery, x.failJSON)
		route(method, "/keys", to.discovery.JWKS, x.failJSON)
	}
	for _, path := range []string{
		"/token", "/userinfo", "/revoke", "/keys",
		"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
	} {
		route(http.MethodOptions, path, preflight, x.failJSON)
	}
	if issuer.path() != "" { // RFC 8414 §3.1 puts the issuer's path behind the well-known part
		wellKnown := x.logged("/.well-known/oauth-authorization-server", to.discovery.Discovery, x.failJSON)
		engine.GET("/.well-known/oauth-authorization-server"+issuer.path(), gin.WrapF(wellKnown))
	}
	engine.NoRoute(gin.WrapF(x.logged("none", x.page(notFound), x.failPage)))
	engine.NoMethod(gin.WrapF(x.logged("none", notAllowed, x.failJSON)))
	return engine, nil
}
