// Package grant is what an approval is worth: what a code stands for, and the ID
// tokens that are made of it.
//
//	grant.go     Grant: what the token endpoint must check and sign; Identity: a person as one client may see them
//	idtoken.go   IDTokens: ID tokens made, for a response or for the token endpoint
//	hint.go      ID tokens read, when clients bring them back, and which session they are of
//
// A grant is made by package request, which knows what was asked for. It is
// written where somebody has approved (package login), or where a
// session stands for that (package authorize), and taken by package token.
//
// The invariant that holds it together: a grant is opened by its code alone, and
// an ID token says nothing of the person that is not in it.
package grant
