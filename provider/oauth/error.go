package oauth

import (
	"errors"
	"net/http"
	"time"

	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// Error is a failure with two texts: Code and Description for the world, the
// cause for the log. Whatever else a handler returns becomes a server_error
// that says nothing.
type Error struct {
	Code        string // of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OpenID Connect Core §3.1.2.6
	Description string // only characters of RFC 6749 §5.2; never request text
	Status      int    // of the HTTP answer, where the error is not sent back to the client

	Wait time.Duration // with 429 and 503: how long not to try again; zero: a moment

	Back   *Back       // of the client that is told, if it is not the person
	App    App         // that the page can lead back to
	Form   *pages.Form // what the person wanted to do, to be tried again
	Locale string      // of the login, if it is known
	Kept   bool        // what the person may have approved at itsme can still be fetched

	ordinary bool // nobody has made a mistake: the log does not warn
	attack   Attack
	cause    error // may be nil; goes to the log only
}

// The codes of RFC 6749, RFC 6750 and OpenID Connect Core that need a name here.
const (
	InvalidRequest         = "invalid_request"
	InvalidClient          = "invalid_client"
	InvalidGrant           = "invalid_grant"
	InvalidToken           = "invalid_token"
	AccessDenied           = "access_denied"
	UnauthorizedClient     = "unauthorized_client"
	LoginRequired          = "login_required"
	UseDPoPNonce           = "use_dpop_nonce" // RFC 9449 §8
	ServerError            = "server_error"
	TemporarilyUnavailable = "temporarily_unavailable"
)

// Fail is an error for the world.
func Fail(status int, code, description string) *Error {
	return &Error{Code: code, Description: description, Status: status}
}

// BadRequest is the commonest of them.
func BadRequest(description string) *Error {
	return Fail(http.StatusBadRequest, InvalidRequest, description)
}

// BadScope is invalid_scope of RFC 6749 §4.1.2.1 and §5.2.
func BadScope(description string) *Error {
	return Fail(http.StatusBadRequest, "invalid_scope", description)
}

// BadRequestURI is invalid_request_uri of OpenID Connect Core §3.1.2.6 and RFC 9101 §7.
func BadRequestURI(description string) *Error {
	return Fail(http.StatusBadRequest, "invalid_request_uri", description)
}

// Unavailable is for a floor below that did not answer: nothing is decided, and
// the same request may go through later.
func Unavailable(cause error) *Error {
	return Fail(http.StatusServiceUnavailable, TemporarilyUnavailable,
		"The service cannot answer just now. Nothing was lost; try again.").Because(cause)
}

// Broken tells a store that does not answer, where the same request may go
// through later, from a record that will never open.
func Broken(err error) *Error {
	if errors.Is(err, storage.ErrUnavailable) {
		return Unavailable(err)
	}
	return Told(err)
}

// Ordinary says that nobody has made a mistake: the log has the error, and does not
// warn of it.
func (e *Error) Ordinary() *Error {
	e.ordinary = true
	return e
}

// IsOrdinary reports whether nobody has made a mistake. A client that tries
// prompt=none wants to hear that it does not work, and one that brings a DPoP
// proof gets its first nonce by an error.
func (e *Error) IsOrdinary() bool {
	return e.ordinary || e.Code == LoginRequired || e.Code == UseDPoPNonce
}

// Because adds the cause, for the log.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

func (e *Error) Error() string {
	if e.cause == nil {
		return e.Code + ": " + e.Description
	}
	return e.Code + ": " + e.Description + ": " + e.cause.Error()
}

func (e *Error) Unwrap() error { return e.cause }

// Told is the Error in err, or a server_error that says nothing.
func Told(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Fail(http.StatusInternalServerError, ServerError, "Something went wrong on our side.").Because(err)
}

// ToPerson is what a person is told of an error: by the application's name, and
// in the language of the login.
func ToPerson(err error, app App, locale string) *Error {
	e := *Told(err)
	e.App, e.Locale = app, locale
	return &e
}
