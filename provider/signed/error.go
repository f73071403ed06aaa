package signed

import "errors"

// Error says what is wrong with a token. It never holds a word of the token.
type Error struct {
	Description string // for the world: only characters of RFC 6749 §5.2

	cause error // for the log; may be nil
}

// wrong is an error that needs no cause.
func wrong(description string) error { return &Error{Description: description} }

func (e *Error) Error() string {
	if e.cause == nil {
		return e.Description
	}
	return e.Description + ": " + e.cause.Error()
}

func (e *Error) Unwrap() error { return e.cause }

// Spoken is what an error of this package tells the world; another one tells
// only what is said otherwise.
func Spoken(err error, otherwise string) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Description
	}
	return otherwise
}
