package provider

import (
	"slices"
	"strings"
	"time"

	"itsme-bridge/itsme"
)

// Login is one authorization request on its way through itsme. It is opened by
// the secret in the cookie of the browser that began it.
type Login struct {
	Terms   Terms     `json:"terms"`
	Request Request   `json:"request"`
	Expires time.Time `json:"expires"` // the deadline of all attempts together
	Attempt Attempt   `json:"attempt"`
	Outcome *Outcome  `json:"outcome,omitempty"` // what the client was told, once it was told something
}

// Attempt is one CM transaction of a login. "Try again" makes the next one.
type Attempt struct {
	Number int       `json:"n"` // 1 is the first
	State  State     `json:"state"`
	Polls  int       `json:"polls,omitempty"`  // how often CM said open after the browser had come back
	Until  time.Time `json:"until,omitzero"`   // how long an open attempt may still succeed after that
	Silent bool      `json:"silent,omitempty"` // CM gave no answer when it was asked last
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

// Outcome is the authorization response of a finished login: a code or an error.
type Outcome struct {
	At          time.Time `json:"at"`
	Code        string    `json:"code,omitempty"` // the handle's text; of a grant that no code is given out for, too
	Error       string    `json:"error,omitempty"`
	Description string    `json:"error_description,omitempty"`
	Session     string    `json:"session,omitempty"` // handle of the [BrowserSession] that came of it

	idToken string // of this one response; never kept
}

// Transaction is CM's side of an attempt. It is a record of its own so that it
// is gone as soon as nobody needs it: with the outcome, or with its short life.
type Transaction struct {
	itsme.Transaction
	Attempt int `json:"attempt"`
}

// Label is what may be told of a login to somebody who has not got its cookie:
// whose login it was, and in which language to say so. It is readable with the
// server key alone, and outlives the login by a day.
type Label struct {
	Name   string `json:"name"`
	Home   string `json:"home"`
	Locale string `json:"locale"`
}

// label is the login's.
func (l *Login) label() Label { return l.Terms.label(l.Request.Locale) }

func (t *Terms) label(locale string) Label { return Label{Name: t.Name, Home: t.Home, Locale: locale} }

// Request is an authorization request that has passed every check
// (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
type Request struct {
	RedirectURI   string        `json:"redirect_uri"`
	ResponseType  string        `json:"response_type"` // its words in alphabetical order
	ResponseMode  string        `json:"response_mode"` // query, fragment or form_post
	State         string        `json:"state,omitempty"`
	Nonce         string        `json:"nonce,omitempty"`
	Asked         string        `json:"asked"`  // scope as the client sent it
	Scopes        []string      `json:"scopes"` // as granted, in the order of the request
	CodeChallenge string        `json:"code_challenge,omitempty"`
	Service       itsme.Service `json:"service"`
	PhoneNumber   string        `json:"phone_number,omitempty"` // login_hint as E.164
	Locale        string        `json:"locale"`                 // of itsme and of our pages: en, nl, fr or de

	ACR            string   `json:"acr,omitempty"`             // that the ID token will name
	Subject        string   `json:"sub,omitempty"`             // the only person who will do (id_token_hint, claims)
	UserinfoClaims []string `json:"userinfo_claims,omitempty"` // asked for by name, and allowed (OpenID Connect Core §5.5)
	IDTokenClaims  []string `json:"id_token_claims,omitempty"` // likewise
	DPoPKey        string   `json:"dpop_jkt,omitempty"`        // thumbprint of the only key that may redeem the code (RFC 9449 §10)
	Pushed         string   `json:"pushed,omitempty"`          // handle of the [Pushed] request that this was
}

// allows reports whether the request was granted a scope.
func (q *Request) allows(scope string) bool { return slices.Contains(q.Scopes, scope) }

// granted is the scope that the request was granted (RFC 6749 §3.3).
func (q *Request) granted() string { return strings.Join(q.Scopes, " ") }
