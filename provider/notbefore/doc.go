// Package notbefore ends logins with all that came of them: an operator says up
// to when logins of a client, or of all, do not count any more.
//
// Set writes it to Redis; a Gate at every replica follows, and is asked by
// whoever is about to give something for a login.
//
// The invariant that holds it together: no entry ever moves back, and what a
// replica has seen it never forgets, even if Redis does.
package notbefore
