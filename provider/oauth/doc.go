// Package oauth is what all rooms say to clients in the same words: an error,
// and an authorization response.
//
//	error.go    Error: a code and a text for the world, a cause for the log, and whom to tell
//	answer.go   Answer: what an authorization response says; Back: the way that it takes; App: whose it is
//
// It decides nothing. Whoever refuses something makes an Error; package edge
// tells it.
//
// The invariant that holds it together: what is for the world stands in Code and
// Description, and holds no word of a request; everything else stays in the log.
package oauth
