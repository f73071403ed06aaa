// Package claims says what may be told of a person, and by which name they are
// known. It is pure.
//
//	claims.go       Table: scope, claim, CM's attribute, a row each; nothing else is ever told
//	told.go         told: the claims of one person, as they are encoded
//	subject.go      Subject: sub, pairwise or public
//	attributes.go   Attributes: what claims are made of, kept for a session
//	merge.go        claims put beside what we say ourselves, or some taken away
//
// The invariant that holds it together: a claim is told only where its row was
// granted, it never takes the place of what a protocol says, and what is absent
// at CM is absent here.
package claims
