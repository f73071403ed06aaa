package itsme

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Kind says which of four things went wrong.
type Kind string

// The kinds of Error.
const (
	Refused     Kind = "refused"     // 400: our parameters are wrong, and will be again
	Unavailable Kind = "unavailable" // 5xx, 429, a timeout, no connection, one that broke
	BadAnswer   Kind = "bad_answer"  // an answer that is not what CM documents
	Taken       Kind = "taken"       // success without userId: the data was given out before
)

// For errors.Is: one for each Kind.
var (
	ErrRefused     = errors.New("itsme: refused")
	ErrUnavailable = errors.New("itsme: unavailable")
	ErrBadAnswer   = errors.New("itsme: bad answer")
	ErrTaken       = errors.New("itsme: data already taken")
)

// The operations that an Error names.
const (
	opStart  = "start"
	opStatus = "status"
	opReach  = "reach"
)

// Error is why a call failed. Its text has no URL, token or personal data, and
// neither has anything that it wraps: of a cause only what is known to be harmless is kept.
type Error struct {
	Kind      Kind
	Status    int    // of the HTTP answer; 0: there was none
	Operation string // start or status

	reason  string // ours: fixed words
	message secret // CM's words, made fit for a log
	sent    bool
	cause   error // a sentinel of the standard library, or nil
}

// Error tells the operation, the kind and the reason.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "itsme: %s: %s", e.Operation, e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&text, " (HTTP %d)", e.Status)
	}
	if e.reason != "" {
		text.WriteString(": " + e.reason)
	}
	return text.String()
}

// Message is what CM said of refused parameters: at most 256 bytes, without what we
// sent and without anything that looks like a secret or a person. It is for the log only.
func (e *Error) Message() string { return e.message.reveal() }

// Sent reports whether the request may have reached CM.
func (e *Error) Sent() bool { return e.sent }

// Unwrap gives the sentinel of the kind, and of the cause where it is one of
// context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF or a system error number.
func (e *Error) Unwrap() []error {
	wrapped := make([]error, 0, 2)
	switch e.Kind {
	case Refused:
		wrapped = append(wrapped, ErrRefused)
	case Unavailable:
		wrapped = append(wrapped, ErrUnavailable)
	case BadAnswer:
		wrapped = append(wrapped, ErrBadAnswer)
	case Taken:
		wrapped = append(wrapped, ErrTaken)
	}
	if e.cause != nil {
		wrapped = append(wrapped, e.cause)
	}
	return wrapped
}

// LogValue is the error as a group, with CM's message.
func (e *Error) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("operation", e.Operation), slog.String("kind", string(e.Kind))}
	if e.Status != 0 {
		attributes = append(attributes, slog.Int("status", e.Status))
	}
	if e.reason != "" {
		attributes = append(attributes, slog.String("reason", e.reason))
	}
	if e.Message() != "" {
		attributes = append(attributes, slog.String("message", e.Message()))
	}
	return slog.GroupValue(attributes...)
}

// transportError classifies what the transport says, and keeps none of its
// words: a malformed answer is quoted in them, and a *url.Error holds the URL.
func transportError(operation string, err error) *Error {
	e := &Error{Kind: Unavailable, Operation: operation, sent: !isUnsent(err)}
	var timeout net.Error
	var number syscall.Errno
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		e.reason, e.cause = "given up by the caller", context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.reason, e.cause = "no answer in time", context.DeadlineExceeded
	case errors.As(err, &certificate):
		e.reason = "certificate not accepted"
	case errors.As(err, &name):
		e.reason = "host name not found"
	case errors.As(err, &number):
		e.reason, e.cause = number.Error(), number
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.reason, e.cause = "connection cut", io.ErrUnexpectedEOF
	default:
		e.reason = "no whole answer"
	}
	return e
}

// statusError classifies an answer that is not 200.
func statusError(operation string, status int) *Error {
	e := &Error{Operation: operation, Status: status, sent: true}
	switch {
	case status == http.StatusBadRequest:
		e.Kind = Refused
	case status >= 500, status == http.StatusTooManyRequests:
		e.Kind = Unavailable
	default:
		e.Kind, e.reason = BadAnswer, "undocumented status"
	}
	return e
}

// badAnswer is a 200 that cannot be used.
func badAnswer(operation string, r reply, reason string) *Error {
	return &Error{Kind: BadAnswer, Operation: operation, Status: r.status, sent: true, reason: reason}
}
