// Package discovery publishes what clients need to know: the provider's metadata
// and its keys.
//
//	metadata.go    the discovery document, made for the clients that are registered
//	supported.go   what it lists, each a question to the clients
//	documents.go   Documents: GET /.well-known/… and /keys
//
// The invariant that holds it together: every member is true, and says no more
// than what the registered clients can use, or one that is switched to the algorithm
// of a published key.
package discovery
