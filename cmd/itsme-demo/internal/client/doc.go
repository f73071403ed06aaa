// Package client is the demo's application: a small web site that logs people
// in by OpenID Connect and then shows what it was told.
//
// It knows nothing of the bridge but an issuer, a client id and a secret, and
// stands on somebody else's code (coreos/go-oidc, golang.org/x/oauth2), so that
// what the bridge sends is checked by a library that we did not write.
//
//	client.go     every route, and what every request passes
//	choices.go    what a visitor may ask for
//	login.go      POST /login: to the bridge
//	callback.go   GET|POST /callback: back from it
//	verify.go     what the client checks before it believes anything
//	failure.go    why a login came to nothing
//	session.go    who is who: a cookie, and the rest in memory
//	trace.go      every HTTP exchange of a login, for the visitor to read;
//	              message.go how each is written down, secrets shortened
//	view.go       the pages, and claims.go, token.go what they show
//
// A visitor may be on several logins at once: each has its own state, nonce and
// code verifier, and its own page.
package client
