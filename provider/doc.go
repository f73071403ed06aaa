// Package provider is an OpenID provider whose users log in with itsme. The
// packages drawn below are its rooms, each with a map of its own; this one puts them together
// (provider.go) and lists every route (routes.go; router.go finds them).
//
// One login passes through these requests, and leaves one record behind at each
// step:
//
//	authorize   GET|POST /authorize       check the request (request), begin (login)        puts a Login
//	login       GET /itsme/return/…       fetch the identity, make a code                    puts a Grant, ends the Login
//	token       POST /token               check the client (clientauth) and its code         takes the Grant, puts an Access, maybe a Family
//	token       GET|POST /userinfo        open the access token                              reads the Access
//
// A room may import only rooms below it; a test in cmd/internal/house lists which:
//
//	                provider
//	┌───────────┬───────┴───┬───────────┐
//	authorize   token    logout   discovery      the endpoints
//	login         │         │           │        a login on its way through itsme
//	request   clientauth  session       │        who asks for what │ which client calls │ a browser that is known
//	└───────────┴────┬──────┘           │
//	 grant  notbefore  ceilings  ledger │        what an approval is worth │ and until when │ how many may start │ what became of them
//	          claims ───────────────────┤        what may be told of a person
//	          client ───────────────────┘        the relying parties
//	          edge                               HTTP: the log line, errors, headers, forms
//	          audit                              the audit stream
//	          oauth                              errors and answers, and what a refusal may be part of
//	pages   signed   remote   breaker  │  storage  itsme  keys
//
// What people see is made by package pages. What others sign is read by package
// signed, and what they publish is reached by package remote. Package breaker keeps a
// CM that is down from costing everybody its timeout.
//
// The invariant that holds it together: CM hands out an identity once. So CM is
// asked only where the browser that began the login meets the proof that comes
// back from itsme (or, under insecure_fixed_return_url, by the cookie alone), by one request at a time, and what it says is sealed and in
// Redis before anybody gets an answer. All of that is in package login.
package provider
