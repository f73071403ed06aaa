package config

import "itsme-bridge/cmd/internal/config/document"

// PublicSecrets are the hashes of the example's secrets.
func PublicSecrets() []string { return exampleSecrets() }

// Known are the paths of all keys that a configuration may have, as far as this one leads.
func Known(name string, text []byte, environment func(string) (string, bool)) (known []string, problems []Problem) {
	d := document.Parse(name, text, environment)
	_, err := read(d)
	if invalid, ok := err.(*InvalidError); ok { //nolint:errorlint // read wraps nothing
		problems = invalid.Problems
	}
	return d.Known(), problems
}
