// Package ceilings counts how many logins start, and how much strangers push
// and make us fetch, in Redis, for all replicas together: a transaction is money.
// What clients do that call without a browser it counts in memory.
//
// Package authorize counts a start before it begins a login, package login before
// a click or another attempt does.
//
//	ceilings.go   the counters, all of a start in one pipeline
//	metrics.go    which ceilings were reached
//	blind.go      what is let through where a counter is not there
//	strangers.go  what clients without a secret push, and what anybody makes us fetch
//	callers.go    who shows a wrong secret; what clients and the holders of tokens leave in Redis
//	buckets.go    token buckets of a fixed number
//
// The invariant that holds it together: whoever is counted and starts nothing
// takes back what concerns others, so that one address that is refused cannot use
// up what everybody shares. In memory it is the other way round: what is right is
// looked at first, so that a stranger can use up nothing of anybody's.
package ceilings
