package provider

import (
	"errors"
	"net/http"

	"itsme-bridge/provider/pages"
)

// Error is a failure with two texts: Code and Description for the world, the
// cause for the log. Whatever else a handler returns becomes a server_error
// that says nothing.
type Error struct {
	Code        string // of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OpenID Connect Core §3.1.2.6
	Description string // only characters of RFC 6749 §5.2; never request text
	Status      int    // of the HTTP answer, where the error is not sent back to the client

	cause  error       // may be nil; goes to the log only
	back   *Request    // whom to tell, if not the user
	terms  *Terms      // whose application it was, so that the page can lead back
	form   *pages.Form // what the person wanted to do, to be tried again
	tongue string      // the language of the login, if it is known
}

// The codes that more than one file uses.
const (
	invalidRequest         = "invalid_request"
	invalidClient          = "invalid_client"
	invalidGrant           = "invalid_grant"
	invalidToken           = "invalid_token"
	accessDenied           = "access_denied"
	unauthorizedClient     = "unauthorized_client"
	loginRequired          = "login_required"
	serverError            = "server_error"
	temporarilyUnavailable = "temporarily_unavailable"
)

// fail is an error for the world.
func fail(status int, code, description string) *Error {
	return &Error{Code: code, Description: description, Status: status}
}

// badRequest is the commonest of them.
func badRequest(description string) *Error {
	return fail(http.StatusBadRequest, invalidRequest, description)
}

// badScope is invalid_scope of RFC 6749 §4.1.2.1 and §5.2.
func badScope(description string) *Error {
	return fail(http.StatusBadRequest, "invalid_scope", description)
}

// unavailable is for a floor below that did not answer: nothing is decided, and
// the same request may go through later.
func unavailable(cause error) *Error {
	return fail(http.StatusServiceUnavailable, temporarilyUnavailable,
		"The service cannot answer just now. Nothing was lost; try again.").because(cause)
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

// worldly is the Error in err, or a server_error that says nothing.
func worldly(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return fail(http.StatusInternalServerError, serverError, "Something went wrong on our side.").because(err)
}
