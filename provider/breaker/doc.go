// Package breaker keeps a service that is down, or hangs, from costing everybody its
// timeout, and this process a goroutine for each of them. It knows neither CM nor OpenID.
//
//	gate.go    Gate: who may call now; Enter before a call, Done after it
//	state.go   what a call that ends, or does not end, says of the service
//	calls.go   the calls under way, and which of them are late
//
// A gate is a circuit breaker and a bulkhead, or a bulkhead alone. It is closed while the
// service answers. Once some different callers in turn have had no answer it opens: nobody
// calls. A moment later one call is let through, and only one at a time (half-open): an
// answer closes the gate, silence opens it for longer. Whatever the state is, only so many
// calls are under way.
//
// A call that hangs says so before its timeout: once it is late it counts as one
// without an answer. It is not given up for that, since its answer may be there once
// only; it leaves its place to another, as long as there are not too many of those.
// Neither kind starves the other: what is late is left alone until it ends, and never
// takes the last places (Policy.Spare) of those that are not. So there are never more calls
// under way than 2·AtOnce, and Spare for each time Late that one may last beyond that.
//
// The invariant that holds it together: an answer, however late, closes the gate. So a
// service that is slow is never taken for one that is down for longer than it takes.
package breaker
