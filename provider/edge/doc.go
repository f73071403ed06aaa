// Package edge is where HTTP begins and ends: what all requests have in common,
// whichever room they are for.
//
//	edge.go       Edge, and what a handler and its way to fail are
//	opening.go    what everybody is told before the process can serve
//	event.go      the one line that a request leaves in the log, and the name that all lines of a login share
//	sieve.go      how many lines that say the same are written in a minute
//	trace.go      the span of a request, without its URL
//	apart.go      work that must not end with its request
//	shown.go      what of a stranger's words may stand there
//	recovery.go   what remains of a request that has panicked
//	show.go       a page for a person; look.go in whose look
//	front.go      what there is to see at the address itself
//	failpage.go   an error for a person, or for the client by way of the browser
//	failjson.go   an error for a client that calls
//	respond.go    an authorization response, sent in the mode that was asked for
//	issuer.go     Issuer: the address that everything is below; headers and cookies follow from it
//	headers.go    what every page carries
//	address.go    whom a request comes from, behind proxies, and what of that counts
//	form.go       parameters of a query or a form, and how large they may be
//	decode.go     what of a query or a form is read, and what is passed over
//	arrival.go    what a browser's request is: a person on the way, a part of a page, a guess
//	cors.go       what scripts of other sites may send and read
//	document.go   a public document with its ETag
//	metrics.go    answers counted
//
// The invariant that holds it together: a handler that returns an error has
// written nothing, and is answered here, once, by what its error says for the
// world. What it says for the log goes there and nowhere else.
package edge
