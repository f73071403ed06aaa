package provider

import (
	"net/http"
	"strings"

	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/discovery"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/logout"
	"itsme-bridge/provider/token"
)

// rooms are what the routes lead to.
type rooms struct {
	authorize *authorize.Endpoints
	login     *login.Logins
	token     *token.Endpoints
	logout    *logout.Logouts
	discovery *discovery.Documents
}

// paths are what discovery says of them.
func paths() discovery.Paths {
	return discovery.Paths{
		Authorize: "/authorize", Push: authorize.PushPath, Token: token.Path, Userinfo: token.UserinfoPath,
		Introspect: token.IntrospectPath, Revoke: token.RevokePath, Logout: logout.Path,
	}
}

// routes lists every route.
func routes(issuer edge.Issuer, from *edge.Addresses, x *edge.Edge, to *rooms) http.Handler {
	table := newRouter(
		x.Logged("none", x.Page(edge.NotFound), x.FailRequest),
		x.Logged("none", edge.NotAllowed, x.FailJSON),
	)
	route := func(method, path string, h edge.Handler, fail edge.Failure) {
		pattern := strings.NewReplacer("{id}", ":id", "/{proof...}", "", "{$}", "").Replace(path)
		table.handle(method, issuer.Path()+path, x.Logged(pattern, from.Known(h), fail))
	}
	get := func(path string, h edge.Handler, fail edge.Failure) { route(http.MethodGet, path, h, fail) }
	post := func(path string, h edge.Handler, fail edge.Failure) { route(http.MethodPost, path, h, fail) }
	both := func(path string, h edge.Handler, fail edge.Failure) { get(path, h, fail); post(path, h, fail) }
	form := func(path string, h, astray edge.Handler, fail edge.Failure) {
		post(path, x.OwnForm(h), fail)
		get(path, x.Page(astray), fail) // reloaded from the address bar
	}

	// people, with a browser
	both("/authorize", edge.Repeatable(x.Page(to.authorize.Authorize)), x.FailRequest)
	form(authorize.ContinuePath, to.authorize.Continue, to.login.Astray, x.FailRequest)
	for _, path := range []string{"/itsme/return", "/itsme/return/{proof...}"} {
		get(path, x.Page(to.login.Return), x.FailRequest)
		post(path, x.OwnForm(to.login.More), x.FailRequest)
	}
	get("/itsme/login/{id}", x.Page(to.login.Current), x.FailRequest)
	form("/itsme/retry", to.login.Retry, to.login.Astray, x.FailRequest)
	form("/itsme/leave", to.login.Leave, to.login.Astray, x.FailRequest)
	both("/logout", edge.Repeatable(x.Page(to.logout.Logout)), x.FailLogout)
	form(logout.ConfirmPath, edge.Repeatable(to.logout.Confirm), to.logout.Astray, x.FailLogout)

	// clients, with credentials or a token
	post("/par", to.authorize.Push(), x.FailJSON)
	post("/token", to.token.Token(), x.FailJSON)
	both("/userinfo", to.token.Userinfo(), x.FailBearer)
	post("/introspect", to.token.Introspect(), x.FailJSON)
	post("/revoke", to.token.Revoke(), x.FailJSON)

	// everybody
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		route(method, "/.well-known/openid-configuration", to.discovery.Discovery, x.FailJSON)
		route(method, "/.well-known/oauth-authorization-server", to.discovery.Discovery, x.FailJSON)
		route(method, "/keys", to.discovery.JWKS, x.FailJSON)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		route(method, edge.Pictures+"{id}", x.Page(x.Picture), x.FailRequest)
		route(method, "/{$}", x.Page(x.Front), x.FailPage)
	}
	for _, path := range []string{
		"/token", "/userinfo", "/revoke", "/keys",
		"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
	} {
		route(http.MethodOptions, path, edge.Preflight, x.FailJSON)
	}
	aside(table, issuer, x, to)
	return table
}

// aside routes what is not below the issuer: robots.txt, which belongs to the host (RFC
// 9309 §2.3), and where people look for whose it is. RFC 8414 §3.1 puts the issuer's path
// behind the well-known part.
func aside(table *router, issuer edge.Issuer, x *edge.Edge, to *rooms) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		table.handle(method, "/robots.txt", x.Logged("/robots.txt", x.Page(x.Robots), x.FailPage))
		if issuer.Path() != "" {
			front := x.Logged("/", x.Page(x.Front), x.FailPage)
			table.handle(method, "/{$}", front)
			table.handle(method, issuer.Path(), front)
		}
	}
	if issuer.Path() == "" {
		return
	}
	const wellKnown = "/.well-known/oauth-authorization-server"
	for method, h := range map[string]edge.Handler{
		http.MethodGet: to.discovery.Discovery, http.MethodHead: to.discovery.Discovery, http.MethodOptions: edge.Preflight,
	} {
		table.handle(method, wellKnown+issuer.Path(), x.Logged(wellKnown, h, x.FailJSON))
	}
}
