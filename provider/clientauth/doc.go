// Package clientauth lets clients in that call without a browser.
//
//	guard.go          Guard: a request held to the rules of its endpoint, before anybody decodes it
//	call.go           Call: what the guard has understood of it
//	credentials.go    who it says it is: HTTP Basic, form-urlencoded or not, or parameters
//	authenticate.go   whether it is
//	assertion.go      by what it has signed (private_key_jwt)
//	dpop.go           the key that its tokens are bound to; dpopnonce.go proves that it has the key now
//	once.go           single use of assertions and proofs, and what they may take up in Redis
//
// The invariant that holds it together: whoever is not let in is told whether the
// way was wrong, but not whether a secret or a key was; secrets are compared in a time that does not depend on them, and
// what a client has signed is used up last, when nothing else is wrong. Nobody is
// refused for being above a ceiling before it is known that the secret or the key is wrong.
package clientauth
