// Package oauth is what all rooms say to clients in the same words: an error,
// and an authorization response.
//
//	error.go    Error: a code and a text for the world, a cause for the log, and whom to tell
//	attack.go   Attack: what a refused request may be part of
//	answer.go   Answer: what an authorization response says, made in login (outcome.go), grant (idtoken.go),
//	            authorize (silent.go) and edge (failpage.go), and sent by edge (respond.go); Back: the way that it takes; App: whose it is
//
// It decides nothing. Whoever refuses something makes an Error; package edge
// tells it.
//
// The invariant that holds it together: Code and Description never hold a word of a
// request, and the cause goes to the log only.
package oauth
