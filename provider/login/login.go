package login

import (
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
)

// Login is one authorization request on its way through itsme. It is opened by
// the secret in the cookie of the browser that began it.
type Login struct {
	Terms   client.Terms    `json:"terms"`
	Request request.Request `json:"request"`
	Began   time.Time       `json:"began,omitzero"`
	Expires time.Time       `json:"expires"` // the deadline of all attempts together
	Attempt Attempt         `json:"attempt"`
	Outcome *Outcome        `json:"outcome,omitempty"` // what the client is told, once that is decided
}

// shorten leaves out what every version of ours takes for granted, and what nobody counts of
// an instant: Redis keeps each login for an hour and more.
func (l *Login) shorten() {
	if l.Terms.Subject == client.Pairwise { // which is what is not public
		l.Terms.Subject = ""
	}
	if l.Request.ResponseMode == "query" { // which is what is neither of the others
		l.Request.ResponseMode = ""
	}
	l.Began, l.Expires = l.Began.Truncate(time.Millisecond).UTC(), l.Expires.Truncate(time.Millisecond).UTC()
}

// kept is the login as it is written: all of it, or, once it has an outcome, what tells that to the
// client, and leads people back. What else was asked for, a phone number perhaps, is in the grant or of no use.
func (l *Login) kept() Login {
	if l.Outcome == nil {
		return *l
	}
	left := *l
	left.Terms = client.Terms{ID: l.Terms.ID, Name: l.Terms.Name, Home: l.Terms.Home, RestartExpired: l.Terms.RestartExpired}
	left.Request = request.Request{Back: l.Request.Back, ResponseType: l.Request.ResponseType}
	return left
}

// Attempt is one CM transaction of a login. "Try again" makes the next one.
type Attempt struct {
	Number int       `json:"n"` // 1 is the first
	State  State     `json:"state"`
	Polls  int       `json:"polls,omitempty"`  // how often CM said open after the browser had come back
	Until  time.Time `json:"until,omitzero"`   // how long an open attempt may still succeed after that
	Silent bool      `json:"silent,omitempty"` // CM gave no answer when it was asked last
	Untold bool      `json:"untold,omitempty"` // and nobody has been told so yet: the person sees the waiting page
}

// State is what an attempt has come to.
type State string

// The states of an attempt. Only waiting ones are asked about at CM.
const (
	Waiting     State = "waiting"
	Cancelled   State = "cancelled"
	Failed      State = "failed"
	Expired     State = "expired"
	NoData      State = "no_data"     // success without userId: CM's once-only data is gone
	Unavailable State = "unavailable" // CM did not answer, or not sensibly
	Refused     State = "refused"     // CM refused our parameters: the operator must act
	Stranger    State = "stranger"    // somebody approved who was not asked for; only for the metric
)

// Transaction is CM's side of an attempt. It is a record of its own so that it
// is gone as soon as nobody needs it: with the outcome, or with its short life.
type Transaction struct {
	itsme.Transaction
	Attempt int `json:"attempt"`
}

// Label is what may be told of a login to somebody who has not got its cookie:
// whose login it was, and in which language to say so. It is readable with the
// server key alone, and lives for a day.
type Label struct {
	Client string `json:"client,omitempty"` // for the metric
	Name   string `json:"name"`
	Home   string `json:"home"`
	Locale string `json:"locale"`
}

// labelFor is that of a client's login.
func labelFor(t *client.Terms, locale string) Label {
	return Label{Client: t.ID, Name: t.Name, Home: t.Home, Locale: locale}
}

// app is the application that it names.
func (l *Label) app() oauth.App { return oauth.App{ID: l.Client, Name: l.Name, Home: l.Home} }

// grace is how long beyond the deadline a transaction is kept, for somebody
// who approved in time and comes back late: if CM still has a success, we take it.
const grace = 10 * time.Minute

// life is how long a login is kept: somebody who comes late is still led back.
func (l *Login) life(now time.Time) time.Duration { return l.Expires.Sub(now) + time.Hour }

// over reports whether the attempt's time is up: a person who came back while
// it was open, and approves much later, has approved for somebody who waits.
func (a Attempt) over(now time.Time) bool {
	const slack = 5 * time.Second // the longest pause between two looks
	return !a.Until.IsZero() && now.After(a.Until.Add(slack))
}

// seen is the state as it looks from outside.
func (a Attempt) seen() State {
	if a.State == Waiting && a.Silent {
		return Unavailable
	}
	return a.State
}
