// Package ledger counts what became of each transaction at CM, in Redis, for all
// replicas together and without a person: CM bills transactions, and somebody has
// to be able to check the invoice.
//
//	words.go    what can be said of a transaction, and what that means for it and for its login
//	ledger.go   it is said: asked for, begun, ended; each beside what is sent to Redis anyway
//	collect.go  what is never heard of again is counted by what was said last
//	usage.go    the counts of a month
//
// The invariant that holds it together: before CM is asked for a transaction,
// Redis knows that it will be, and nothing of that is forgotten before it is
// counted. So a process that is killed at any moment leaves a transaction that is
// counted as started, or as one of which nobody knows (in doubt), and never one
// that is not counted. It is counted once, a while after its login's deadline,
// when nothing can become of it any more.
//
// What it may miss: what a Redis forgets that is restored or fails over; what a
// node of a Cluster does not take while it is not there (counted by a metric, see
// [Ledger.OnLoss]); and what replicas of a version before this one do.
package ledger
