package provider

import (
	"errors"
	"net/http"

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

	Back   *Back       // of the client that is told, if it is not the person
	App    App         // that the page can lead back to
	Form   *pages.Form // what the person wanted to do, to be tried again
	Locale string      // of the login, if it is known

	cause error // may be nil; goes to the log only
}

// The codes that more than one room uses.
const (
	InvalidRequest         = "invalid_request"
	InvalidClient          = "invalid_client"
	InvalidGrant           = "invalid_grant"
	InvalidToken           = "invalid_token"
	AccessDenied           = "access_denied"
	UnauthorizedClient     = "unauthorized_client"
	LoginRequired          = "login_required"
	ServerError            = "server_error"
	TemporarilyUnavailable = "temporarily_unavailable"
)

// fail is an error for the world.
func fail(status int, code, description string) *Error {
	return &Error{Code: code, Description: description, Status: status}
}

// badRequest is the commonest of them.
func badRequest(description string) *Error {
	return fail(http.StatusBadRequest, InvalidRequest, description)
}

// badScope is invalid_scope of RFC 6749 §4.1.2.1 and §5.2.
func badScope(description string) *Error {
	return fail(http.StatusBadRequest, "invalid_scope", description)
}

// badRequestURI is invalid_request_uri of OpenID Connect Core §3.1.2.6 and RFC 9101 §7.
func badRequestURI(description string) *Error {
	return fail(http.StatusBadRequest, "invalid_request_uri", description)
}

// unavailable is for a floor below that did not answer: nothing is decided, and
// the same request may go through later.
func unavailable(cause error) *Error {
	return fail(http.StatusServiceUnavailable, TemporarilyUnavailable,
		"The service cannot answer just now. Nothing was lost; try again.").because(cause)
}

// broken tells a store that does not answer, where the same request may go
// through later, from a record that will never open.
func broken(err error) *Error {
	if errors.Is(err, storage.ErrUnavailable) {
		return unavailable(err)
	}
	return told(err)
}

// because adds the cause, for the log.
func (e *Error) because(cause error) *Error {
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

// told is the Error in err, or a server_error that says nothing.
func told(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return fail(http.StatusInternalServerError, ServerError, "Something went wrong on our side.").because(err)
}

// toPerson is what a person is told of an error: by the application's name, and
// in the language of the login.
func toPerson(err error, app App, locale string) *Error {
	e := *told(err)
	e.App, e.Locale = app, locale
	return &e
}
