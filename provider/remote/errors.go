package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"syscall"
)

// For errors.Is: which of three things went wrong. The texts of all errors are
// for the log: they name the host, never a path, a query, or what was sent or answered.
var (
	ErrForbidden  = errors.New("remote: forbidden")  // the address is none that we ask
	ErrUnanswered = errors.New("remote: no answer")  // no connection, none that lasted, or none in time
	ErrBadAnswer  = errors.New("remote: bad answer") // an answer, but not what was asked for
)

// Why an address is forbidden.
var (
	errAddress = errors.New("not an absolute URL with a plain host")
	errScheme  = errors.New("neither https nor http")
	errUser    = errors.New("a URL with user information")
	errSpecial = errors.New("neither a public address nor one that is listed as reachable")
	errPlain   = errors.New("http, and not a loopback address that is listed as reachable")
)

// Why there was no answer, where the standard library's own words might quote one.
var (
	errCertificate = errors.New("certificate not accepted")
	errName        = errors.New("host name not found")
	errPartial     = errors.New("no whole answer")
)

func forbidden(host string, reason error) error {
	if host == "" {
		return fmt.Errorf("%w: %w", ErrForbidden, reason)
	}
	return fmt.Errorf("%w: %s: %w", ErrForbidden, host, reason)
}

func badAnswer(host, reason string) error {
	return fmt.Errorf("%w: %s: %s", ErrBadAnswer, host, reason)
}

func badStatus(host string, status int) error {
	return badAnswer(host, "HTTP "+strconv.Itoa(status))
}

func unanswered(host string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnanswered, host, cause(err))
}

// failed says why a request got no answer: the guard refused the connection, or it broke.
func failed(host string, err error) error {
	for _, refusal := range []error{errSpecial, errPlain} {
		if errors.Is(err, refusal) {
			return forbidden(host, refusal)
		}
	}
	return unanswered(host, err)
}

// cause keeps of what the transport says only what is known to be harmless: a
// malformed answer is quoted in its words.
func cause(err error) error {
	var timeout net.Error
	var number syscall.Errno
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return context.DeadlineExceeded
	case errors.As(err, &certificate):
		return errCertificate
	case errors.As(err, &name):
		return errName
	case errors.As(err, &number):
		return number
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	default:
		return errPartial
	}
}
