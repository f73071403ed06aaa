// Package sandbox plays CM's itsme API, and the itsme pages behind it, for
// tests and for people at their desk. It is an http.Handler.
//
//	server.go       Options, Server, routes       one screen of what is answered
//	create.go       POST /transactions            check.go: what CM would refuse
//	status.go       GET /status/{token}           the information, one time
//	page.go         the itsme pages               page.html, words.go: in the language of the transaction
//	form.go         what a person answers there
//	control.go      /control/…                    choosing by HTTP what Go code chooses by methods
//	transaction.go  a transaction and its life
//	persona.go      the people who approve
//	script.go       what happens to a transaction; numbers.go: chosen by phone number
//	fault.go        what may go wrong             hold.go: an answer that waits for the test
//	testserver.go   NewServer(t), as in net/http/httptest
//
// It keeps CM's one hard rule: information is given out once per successful
// transaction, and is gone even if the answer that carried it never arrived.
package sandbox
