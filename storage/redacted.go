package storage

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every type that holds a secret prints, whatever the verb.
const redacted = "[secret]"

// String hides the key.
func (Key) String() string { return redacted }

// GoString hides the key.
func (Key) GoString() string { return redacted }

// LogValue hides the key.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the key, since an array is otherwise written as its bytes.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format hides the key.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String hides the keys.
func (Keyring) String() string { return redacted }

// GoString hides the keys.
func (Keyring) GoString() string { return redacted }

// LogValue hides the keys.
func (Keyring) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format hides the keys.
func (Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String hides the handle.
func (Handle) String() string { return redacted }

// GoString hides the handle.
func (Handle) GoString() string { return redacted }

// LogValue hides the handle.
func (Handle) LogValue() slog.Value { return slog.StringValue(redacted) }

// Format hides the handle.
func (Handle) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }
