package itsme

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// secret is a text that no formatting of the struct around it shows, not even by
// a wrong verb: fmt prints a pointer inside a struct as an address. The zero
// value is the empty text.
type secret struct{ text *string }

func newSecret(text string) secret { return secret{&text} }

func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// The types below hold tokens or people. A fmt.Formatter decides for every verb,
// where String would leave %d and %#v to reflection.

// Format prints no token.
func (Config) Format(s fmt.State, _ rune) { write(s, "itsme.Config[redacted]") }

// LogValue logs no token.
func (c Config) LogValue() slog.Value { return logged(c) }

// Format prints no token.
func (*Client) Format(s fmt.State, _ rune) { write(s, "itsme.Client[redacted]") }

// LogValue logs no token.
func (c *Client) LogValue() slog.Value { return logged(c) }

// Format prints no token, URL or phone number.
func (Start) Format(s fmt.State, _ rune) { write(s, "itsme.Start[redacted]") }

// LogValue logs no token, URL or phone number.
func (s Start) LogValue() slog.Value { return logged(s) }

// Format prints neither token nor URL.
func (Transaction) Format(s fmt.State, _ rune) { write(s, "itsme.Transaction[redacted]") }

// LogValue logs neither token nor URL.
func (t Transaction) LogValue() slog.Value { return logged(t) }

// Format prints the status and no identity.
func (r Result) Format(s fmt.State, _ rune) {
	write(s, "itsme.Result["+string(statusOf(string(r.Status)))+", redacted]")
}

// LogValue logs the status and no identity.
func (r Result) LogValue() slog.Value { return logged(r) }

// Format prints nothing of the person.
func (Identity) Format(s fmt.State, _ rune) { write(s, "itsme.Identity[redacted]") }

// LogValue logs nothing of the person.
func (i Identity) LogValue() slog.Value { return logged(i) }

// MarshalJSON encodes nothing of the person: a record of a person holds what a
// client may know, and that is decided elsewhere. It guards structured logs.
func (i Identity) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(i)) }

// Format prints nothing of the person.
func (Address) Format(s fmt.State, _ rune) { write(s, "itsme.Address[redacted]") }

// LogValue logs nothing of the person.
func (a Address) LogValue() slog.Value { return logged(a) }

// Format prints what Error says.
func (e *Error) Format(s fmt.State, _ rune) { write(s, e.Error()) }

// MarshalJSON encodes nothing of the person.
func (a Address) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(a)) }

func write(s fmt.State, text string) { _, _ = io.WriteString(s, text) }

func logged(v fmt.Formatter) slog.Value { return slog.StringValue(fmt.Sprint(v)) }
