// Package itsme speaks CM's itsme REST API: two calls, POST /transactions and
// GET /status/{transactionToken}. And it can find out whether CM is there.
//
//	client.go       Config, Client             where CM is, and with whose token
//	start.go        Start, Transaction         POST /transactions: sent once, or never
//	status.go       Result                     GET /status: asked once, for data that exists once
//	reach.go        Reach                      whether CM answers at all
//	identity.go     Identity, Address          what CM tells of a person; everything but userId is optional
//	half.go                                    values that are not quite as documented, read as far as they can be
//	parse.go        fields                     reading CM's JSON when it is not what was promised
//	members.go      member                     an object of it taken apart
//	exchange.go     one bounded HTTP exchange  no redirects, no cookies, 64 KiB, one deadline
//	destination.go  where a browser may be sent
//	trace.go        the span of a call, without its URL
//	errors.go       Error, Kind                which of four things went wrong, in words without secrets
//	message.go      CM's own words, made fit for a log
//	redact.go       how values with secrets print themselves
//
// What holds it together: the transaction token alone opens the personal data,
// and CM gives that data out one time. So nothing here is asked twice, and
// nothing that leaves this package as text, an error or a log attribute holds a
// token, a URL or a person.
package itsme
