// Package login is a login on its way through itsme: what people do with a
// browser, from the first transaction at CM to the authorization response.
//
//	begin.go       a request becomes a login, at once or by a click; one with the same request_uri leads back to it
//	desk.go        CM is asked: a transaction started, its status fetched
//	gates.go       unless it is down, or too many ask already; unasked.go: what is taken back then
//	return.go      GET  /itsme/return/…   the browser is back: fetch the identity, write, tell; lost: what Redis did not take in time
//	hold.go        a reload without scripts, answered as soon as there is something new
//	verdict.go     what CM's answer means: a pure table; and of an approval, the grant and its code
//	deliver.go     the outcome sent to the client, the first time and on reload
//	retry.go       POST /itsme/retry      the next attempt; or the client begins again by itself
//	leave.go       POST /itsme/leave      back to the application
//	present.go     GET  /itsme/login/…    where a login stands, for whoever holds its cookie
//	screens.go     the pages about it
//	more.go        POST /itsme/return/…   a person needs more time
//	watch.go       what the script of a waiting page is told, at the page's own address
//	language.go    in the language that the person has chosen
//	visit.go       one look at its records, with the lease where something may be done, and the writes
//	login.go       the records: Login, its attempts, Transaction, Label; outcome.go: how it ended
//	fetch.go       CM's answer, waited for as long as it may come, and written before anybody is told
//	trail.go       what the browser itself knows of its logins, for pages without Redis; whose.go: what no other tab overwrites of that
//	cookie.go      the cookie that opens a login; proof.go: the proof in the return URL, and the tokens of forms
//	count.go       each attempt counted: against the ceilings, in the ledger, in the metrics (metrics.go, open.go)
//	logins.go      Logins, made of all these
//
// The invariant that holds it together: CM hands out an identity once. So CM is
// asked only where the browser that began the login meets the proof that comes
// back from itsme, by one request at a time, and what it says is sealed and in
// Redis before anybody gets an answer.
package login
