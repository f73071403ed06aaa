// Package remote reaches what clients have: their key sets, their request
// objects, and where they hear of logouts.
//
//	client.go    Client             one bounded HTTP exchange: no redirects, no cookies, no proxy, one deadline
//	address.go   what may be asked  https without user information, or http to this machine
//	guard.go     where it may lead  the address of each connection, checked when it is made
//	errors.go    three errors, whose texts name a host and no more
//
// What holds it together: the addresses are other people's. So no connection is
// made before the very address that it goes to has been found public or listed
// by the operator, and what a host answers, or whether it does, costs us a bounded
// time, a bounded memory and a bounded number of requests.
package remote
