// Package notbefore ends logins with all that came of them: an operator says up
// to when logins of a client, or of all, do not count any more.
//
// Set writes it to Redis, and deletes nothing. A Gate at every replica follows; it
// is asked by package token for each code, access token and refresh token, and by
// package authorize before a session answers.
//
// The invariant that holds it together: no entry ever moves back, and what a
// replica has seen it never forgets, even if Redis does.
package notbefore
