// Package provider is an OpenID provider whose users log in with itsme.
//
// One login passes through these requests, one file each, and leaves one
// record behind at each step:
//
//	authorize.go   GET|POST /authorize      check the request, start a transaction   puts a Login, its Transaction and its Label
//	continue.go    POST /itsme/continue     the same, after a click                  puts the same
//	return.go      GET /itsme/return/…      fetch the identity, make a code          puts a Grant, ends the Login
//	token.go       POST /token              check the client and its code            takes the Grant, puts a Session
//	userinfo.go    GET|POST /userinfo       open the access token                    reads the Session
//
// Where the client's entry allows it, the code also leaves a Family, and
// refresh.go turns its refresh tokens into more Sessions; notbefore.go ends
// logins with all that came of them.
//
// A login that does not go straight has three more: retry.go begins another
// attempt, leave.go tells the client that it is over, and current.go leads a
// person who holds the cookie back to where the login is.
//
// What only some clients use stands beside that way:
//
//	par.go requestobject.go       an authorization request that was pushed, or signed
//	claimsrequest.go hint.go      what and whom it asks for, by name
//	responsetype.go deliver.go    an ID token in the response itself
//
// Where the configuration has sessions, a browser keeps the approval of a login
// for a while (browsersession.go). silent.go answers requests that it serves,
// resubmit.go lets its cookie come along, logout.go ends it, and
// backchannellogout.go lets its audience hear of that (audience.go), by way of
// an outbox (outbox.go).
//
// The endpoints that clients call without a browser run on op.Server of
// zitadel/oidc (server.go), behind a guard on the raw request (guard.go). They
// authenticate there (authenticate.go), by a secret or by what they have signed
// (assertion.go), and may bind their tokens to a key (dpop.go); whatever a client
// signs works once (once.go).
// Those that people see are our own: what an authorization request must pass
// is the ordered table in request.go, what CM's answer means for a login is
// the pure function in verdict.go, and routes.go lists every route. What others
// sign is read by package signed, and what they publish is reached by package
// remote.
//
// The invariant that holds it together: CM hands out an identity once. So CM is
// asked only where the browser that began the login meets the proof that comes
// back from itsme (proof.go), by one request at a time (visit.go), and what it
// says is sealed and in Redis before anybody gets an answer.
package provider
