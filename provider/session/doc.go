// Package session remembers a person's approval for a browser for a while, where the
// configuration has sessions.
//
//	session.go    Session: whose approval it was, and what was approved
//	sessions.go   Sessions: made, looked at, replaced
//	cookie.go     the cookie that opens one
//	audience.go   Audience: the clients that it served, who are to hear of its end; and that end
//	resubmit.go   a POST from another site, sent once more so that the cookie comes along
//
// Package login makes a session in the commit of a grant, package authorize
// answers by it, and package logout ends it. Whether its approval still counts is
// asked of package notbefore each time that it is to answer.
//
// The invariant that holds it together: nobody is served who will not hear of
// the end, since the audience is written first, and ended with the session.
package session
