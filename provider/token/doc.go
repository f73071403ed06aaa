// Package token is what clients get for a code, and what that is good for.
//
//	token.go       POST /token        a code becomes an access token and an ID token
//	code.go        a code is looked at, is spent with the write of its tokens, and ends them when it comes again
//	refresh.go     POST /token        so does a refresh token; one that was already replaced ends its family
//	family.go      Family: the refresh tokens of one login; the one before works on for a grace; a FAPI 2.0 client's does not rotate
//	verifier.go    the proof that whoever brings a code has begun the login (PKCE)
//	narrow.go      what a refresh is granted
//	access.go      Access: what an access token opens
//	userinfo.go    GET|POST /userinfo; signeduserinfo.go: as a JWT
//	introspect.go  POST /introspect
//	revoke.go      POST /revoke
//	endpoints.go   Endpoints, made of all these; rules.go: what each wants of a request
//	answer.go      who calls is found out, and told what came of it
//
// The invariant that holds it together: a code is spent by the write of its tokens,
// at most once, and a second use ends them, with all that came of them. Who cannot
// show what the code asks for (the client, the verifier, the key) changes nothing.
package token
