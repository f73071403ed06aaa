// Package configtest helps tests to write configurations and to hear what is
// wrong with them. The reading itself and the wiring share it:
//
//	configtest.go  the secrets that a configuration names, its text and its problems
//	files.go       the files that it names
//
// None of the secrets here may ever be in a message.
package configtest

import (
	"errors"
	"os"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
)

// The secrets that [Environment] tells. The fingerprint of the salt is 76b2c85d07ca9801.
const (
	MasterKey    = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	Salt         = "a-salt-of-the-tests-that-is-random-enough-0123456789"
	CMToken      = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
	ClientSecret = "a-client-secret-that-nobody-will-ever-guess-98765"
)

// Environment answers ${MASTER_KEY}, ${SALT}, ${CM_TOKEN} and ${CLIENT_SECRET}.
func Environment(name string) (string, bool) {
	value, ok := map[string]string{
		"MASTER_KEY": MasterKey, "SALT": Salt, "CM_TOKEN": CMToken, "CLIENT_SECRET": ClientSecret,
	}[name]
	return value, ok
}

// Change replaces what stands once in a text.
func Change(t testing.TB, text, find, put string) string {
	t.Helper()
	if strings.Count(text, find) != 1 {
		t.Fatalf("%q stands %d times in the configuration", find, strings.Count(text, find))
	}
	return strings.Replace(text, find, put, 1)
}

// Problems are those of the configuration a.yaml, a line each, without "a.yaml:".
func Problems(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	invalid, ok := errors.AsType[*config.InvalidError](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	for _, secret := range []string{MasterKey, Salt, CMToken, ClientSecret} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("a secret is in the message: %v", err)
		}
	}
	var lines []string
	for _, p := range invalid.Problems {
		lines = append(lines, strings.TrimPrefix(p.String(), "a.yaml:"))
	}
	return strings.Join(lines, "\n")
}

const exampleFile = "../../../config.yaml" // from a package in cmd/internal

// Example is the text of config.yaml.
func Example(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
