// Package pages is everything that a person sees of the bridge: one plain HTML
// page for each thing that can happen in a login or a logout, in English,
// Dutch, French and German.
//
//	page.go      what a caller fills in: a Page of one Kind
//	write.go     Write: the page and its Content-Security-Policy, whole or not at all
//	view.go      from a Page and the words of its language to what the template prints
//	way.go       the ways on
//	switch.go    the same page in another language
//	getapp.go    where the app is to be had
//	target.go    which addresses a page may lead to; contact.go which of an operator's own
//	look.go      whose pages they are; palette.go their colours, of colour.go; image.go their pictures, svg.go some of them
//	locale.go    which language a person reads
//	words.go     the shape of a language; english.go, dutch.go, french.go, german.go
//	ownwords.go  an operator's own sentences in place of ours
//	sentences.go all sentences of them, each with its key
//	wait.go      what only the waiting page has; wait.js: its script
//	mood.go      what can be seen of a page before it is read; glyphs.html draws it
//	page.html    the only template, and style.css its only style
//
// Every page says what happened, what it means, and leads on, or says how to go on where
// nobody knows an address. Pages work
// without JavaScript, fetch nothing but an operator's pictures from us and the waiting
// page's word on how things stand, and hold nothing that is not in the Page.
package pages

import "time"

// Kind is what a page is about.
type Kind string

// The pages.
const (
	Continue     Kind = "continue"      // a person must ask for the transaction
	Waiting      Kind = "waiting"       // itsme has not decided yet
	Cancelled    Kind = "cancelled"     // in the app, by the person
	Failed       Kind = "failed"        // itsme says no
	Expired      Kind = "expired"       // nobody approved in time
	Unavailable  Kind = "unavailable"   // itsme or our store does not answer
	Refused      Kind = "refused"       // itsme refuses how the bridge asks
	NoData       Kind = "no_data"       // approved, but without data
	TooMany      Kind = "too_many"      // above a ceiling
	OtherBrowser Kind = "other_browser" // the login began in another browser
	NoCookies    Kind = "no_cookies"    // the browser keeps none
	Finished     Kind = "finished"      // the login is complete already
	Late         Kind = "late"          // the login is over
	Forgotten    Kind = "forgotten"     // the login is lost, by our fault
	BadRequest   Kind = "bad_request"   // of the application; an error that must not be sent back to it
	ServerError  Kind = "server_error"  // our fault
	NotFound     Kind = "not_found"     // no such address
	Logout       Kind = "logout"        // a person must ask for it (OpenID Connect RP-Initiated Logout 1.0 §2)
	LoggedOut    Kind = "logged_out"    // the session is over
	Front        Kind = "front"         // somebody has looked where logins come from
	Navigate     Kind = "navigate"      // on to URL
	FormPost     Kind = "form_post"     // on to URL, by POST (OAuth 2.0 Form Post Response Mode)
	Resubmit     Kind = "resubmit"      // back to URL of ours, by POST: what came from another site, without our SameSite=Lax cookies
)

// Page is what one page says. The zero value of each field leaves it out.
type Page struct {
	Kind   Kind
	Locale string // en, nl, fr or de; anything else is en
	Logout bool   // BadRequest, Unavailable: it was a logout that did not work
	Waited bool   // Expired: it was we who stopped waiting, and the request in the app may still be open
	Kept   bool   // Unavailable: what the person may have approved already is not lost

	Client string // client_id of the application
	App    string // the application's name
	Home   string // where the application begins

	Look *Look // whose pages they are; nil: nobody's

	Primary *Form // "Try again", "Continue with itsme®", or "Log out"
	Leave   *Form // "Back to {App}"; without it, Home is a plain link

	Refresh time.Duration // Waiting: until it is asked again how things stand, in whole seconds, at least one
	Reload  time.Duration // Waiting, without scripts: until the page loads again; zero: as Refresh
	Limit   time.Duration // Waiting: how long it goes on at most
	More    *Form         // Waiting: "I need more time"; it answers the script as URL does
	Fields  []Field       // FormPost, Resubmit: what is posted

	UserAgent string // of the browser: which store has the app for it

	Switch *Switch // where the same page is found in another language; nil: nobody can ask for it

	Wait time.Duration // TooMany, Unavailable: how long not to try again, for machines; zero: a moment

	// URL is where Navigate, FormPost and Resubmit go, Resubmit to a path of ours
	// only, and what Waiting loads, and asks how things stand (see wait.js): without
	// it, the same address. On any other
	// page it is what "Try again" loads where there is no Primary.
	URL string

	Code, Description string // BadRequest, Logout, LoggedOut: the error of the specification, for a developer
	Reference         string // of the request, to quote to the operator; not on pages that go on by themselves
	Trace             string // of the request, likewise; empty where nobody traces it
}

// Form is something that a person can do. Its Action is a path of ours, which
// answers with a page: with Navigate, not a redirect, where it goes on to
// another origin. The same holds for Resubmit (see policy).
type Form struct {
	Action string
	Fields []Field
}

// Field is one hidden field of a form.
type Field struct{ Name, Value string }
