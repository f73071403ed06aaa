// Package authorize is where an authorization request comes to, and what is done
// with it.
//
//	authorize.go   GET|POST /authorize      read; resume (package login), answer silently, or start a transaction
//	start.go       who may start one at once, and who is asked first
//	continue.go    POST /itsme/continue     the click of whoever was asked
//	silent.go      the answer by a browser's session
//	push.go        POST /par                the request pushed before, by the client itself
//
// The invariant that holds it together: a transaction is money. Unless start is
// direct, only a top-level navigation or a click starts one, below the ceilings.
package authorize
