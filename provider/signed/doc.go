// Package signed reads what others sign: client assertions, request objects, DPoP proofs.
//
// All three are JSON Web Tokens in the compact serialization, so all three go one way:
//
//	token.go      Parse: a token that nobody has verified yet, and what its header says
//	verify.go     Verify: whose key fits it, and whether it has signed it
//	members.go    JSON that reads in one way only: no member twice, nothing behind it
//	claims.go     what they have in common: exp, nbf, iat, aud, jti
//	assertion.go  a client assertion: RFC 7523 §3, OpenID Connect Core §9
//	request.go    a request object: RFC 9101, OpenID Connect Core §6.1
//	proof.go      a DPoP proof: RFC 9449 §4; target.go compares what it was made for
//	error.go      Error: what is wrong, for the world and for the log
//
// It is pure: no keys of its own, no clock, no memory. Who calls it finds the keys, and remembers each jti, so that
// no token works twice.
//
// The invariant that holds it together: of a token that has not been verified nothing is believed. What Claimed says
// of one serves only to find the keys to ask.
package signed
