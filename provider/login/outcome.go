package login

import (
	"time"

	"itsme-bridge/provider/oauth"
)

// Outcome is the authorization response of a finished login: a code or an error.
type Outcome struct {
	At          time.Time `json:"at"`
	Code        string    `json:"code,omitempty"` // the handle's text; of a grant that no code is given out for, too
	Error       string    `json:"error,omitempty"`
	Description string    `json:"error_description,omitempty"`
	Session     string    `json:"session,omitempty"` // handle of the [session.Session] that came of it
}

// tombstone is how long a finished login answers the same browser in the same way.
const tombstone = 2 * time.Minute

// answer is what the outcome tells the client.
func (o *Outcome) answer() oauth.Answer {
	return oauth.Answer{Code: o.Code, Error: o.Error, Description: o.Description}
}

// conclude ends a login whose attempt has failed, where the client wants to hear
// of failures at once. It hears what happened, and not what makes Keycloak begin
// again by itself: without a person's click that might go on for ever.
func (l *Login) conclude(now time.Time) {
	if l.Terms.RedirectFailures {
		l.Outcome = l.failure()
		l.Outcome.At = now
	}
}

// restarting is what makes Keycloak begin again by itself: the two texts are what
// it waits for, to the letter. It is told so after a person's click on "try again",
// and never otherwise.
func restarting() *Outcome {
	return &Outcome{Error: oauth.TemporarilyUnavailable, Description: expiredForKeycloak}
}

const expiredForKeycloak = "authentication_expired"

// restarts reports whether the outcome is one that makes Keycloak begin again.
func (o *Outcome) restarts() bool {
	return o.Error == oauth.TemporarilyUnavailable && o.Description == expiredForKeycloak
}

// restarts reports whether "try again" is for the client to do: the attempt has
// expired, also where only its transaction has died of old age, and the client
// begins again by itself.
func (v *visit) restarts() bool {
	l := &v.login.Value
	dead := l.Attempt.State == Waiting && !v.asks() && !v.spent()
	return v.login.OK && l.Outcome == nil && l.Terms.RestartExpired && (l.Attempt.State == Expired || dead)
}

// failure is what the client is told of a login that ends with its attempt as it is.
func (l *Login) failure() *Outcome {
	switch l.Attempt.seen() {
	case Cancelled:
		return &Outcome{Error: oauth.AccessDenied, Description: "The person cancelled the login."}
	case Expired:
		return &Outcome{Error: oauth.AccessDenied, Description: "The login was not approved in time."}
	case Unavailable:
		return &Outcome{Error: oauth.TemporarilyUnavailable, Description: "itsme cannot be reached just now."}
	case NoData:
		return &Outcome{Error: oauth.ServerError, Description: "itsme confirmed the login but gave no identity."}
	case Refused:
		return &Outcome{Error: oauth.ServerError, Description: "itsme refused the request."}
	case Waiting:
		return &Outcome{Error: oauth.AccessDenied, Description: "The person left before approving the login."}
	default:
		return &Outcome{Error: oauth.AccessDenied, Description: "The login was not approved."}
	}
}
