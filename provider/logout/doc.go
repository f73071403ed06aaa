// Package logout ends sessions, and lets clients hear of it.
//
//	logout.go        GET|POST /logout       ask, end, lead on
//	                 POST /itsme/logout     the click of whoever was asked
//	farewell.go      how far a logout request can be believed, and what is wrong with it
//	backchannel.go   a logout token, told to one client
//	outbox.go        who is still to hear, in Redis; told by whichever replica comes to it
//	trace.go         the span of telling one client
//	logouts.go       Logouts, made of all these
//
// A browser ends the session that its cookie holds, and no other. A client's server
// ends that of its own ID token, where the client's entry has logout_by_server.
//
// The invariant that holds it together: who is to hear is written down before
// the session ends, so that each client hears at least once, also if it is away
// for hours, and we for minutes.
package logout
