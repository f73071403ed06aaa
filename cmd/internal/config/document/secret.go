package document

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// Secret is a text that prints as [secret] under every verb. The zero value is none.
type Secret struct{ text *string } // a pointer: fmt prints what it points to in no struct

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal is the text. The caller has a reason.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Given reports whether there is a text.
func (s Secret) Given() bool { return s.text != nil && *s.text != "" }

// Hash is the SHA-256 of the text.
func (s Secret) Hash() [sha256.Size]byte { return sha256.Sum256([]byte(s.Reveal())) }

const redacted = "[secret]"

// String hides the text.
func (Secret) String() string { return redacted }

// GoString hides the text.
func (Secret) GoString() string { return redacted }

// Format hides the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the text.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Secret reads a secret that stands under a key, or in the file that key_file
// names, whose last line break does not count. The value is where to complain.
func (s Section) Secret(key string) (Secret, Value) {
	inline, file := s.Value(key), s.Value(key+"_file")
	file.secret = inline.path
	inline.note(KindSecret)
	file.note(KindFile)
	if !file.There() {
		return inline.Secret(), inline
	}
	if inline.There() {
		file.Wrong("stands beside %s; keep one of the two", key)
	}
	return file.SecretFile(), file
}

// Secret reads the value as one.
func (v Value) Secret() Secret {
	v.note(KindSecret)
	text, ok := v.read()
	if !ok {
		return Secret{}
	}
	if text == "" {
		v.Wrong("is empty; write the secret, or leave the key out")
		return Secret{}
	}
	if v.fromEnvironment() == "" {
		v.document.inline = true
	}
	return NewSecret(text)
}

// SecretFile reads the secret in the file that the value names.
func (v Value) SecretFile() Secret {
	name := v.PrivateFile()
	if name == "" {
		return Secret{}
	}
	content, err := os.ReadFile(name) //nolint:gosec // G304: the operator's configuration names the file
	if err != nil {
		v.Wrong("the file %s cannot be read (%s); let this user read it", v.Quoted(), reason(err))
		return Secret{}
	}
	text := withoutBreak(string(content))
	if text == "" {
		v.Wrong("the file %s is empty; put the secret in it", v.Quoted())
		return Secret{}
	}
	return NewSecret(text)
}
