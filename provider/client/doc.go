// Package client is the relying parties, as the operator registered them.
//
//	client.go     Client, and the Terms that a login keeps of it; what a client may do
//	redirect.go   where a client takes its answers: compared exactly, but for the port of an application on loopback
//	scopes.go     the scopes and response types that a client may be registered for
//	registry.go   Registry: all clients, replaced whole
//	home.go       where the page of a refused request leads
//
// The invariant that holds it together: a request sees one state of the
// clients, and a login that has begun keeps its Terms whatever becomes of the
// configuration.
package client
