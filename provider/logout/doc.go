// Package logout ends sessions, and lets clients hear of it.
//
//	logout.go        GET|POST /logout       how far the request can be believed; ask, end, lead on
//	                 POST /itsme/logout     the click of whoever was asked
//	backchannel.go   a logout token, told to one client
//	outbox.go        who is still to hear, in Redis; told by whichever replica comes to it
//	logouts.go       Logouts, made of all these
//
// The invariant that holds it together: who is to hear is written down before
// the session ends, so that each client hears at least once, also if it is away
// for hours, and we for minutes.
package logout
