package itsme_test

import (
	"encoding/json"
	"testing"

	"itsme-bridge/itsme"
)

// What is read without a decoder is what a decoder reads.
func TestPlainStringsAreReadAsJSON(t *testing.T) {
	for _, row := range []struct {
		text  string
		plain bool
	}{
		{`"success"`, true},
		{`""`, true},
		{`" Maes "`, true},
		{`"Élodie 漢字 😀"`, true},
		{`"a/b<c>&"`, true},
		{`"a\"b"`, false},
		{`"\u0041"`, false},
		{`"\\"`, false},
		{"\"\xff\"", false}, // a decoder makes U+FFFD of it
		{`null`, false},
		{`7`, false},
		{`{"a":"b"}`, false},
		{`["a"]`, false},
		{``, false},
	} {
		got, ok := itsme.Plain(row.text)
		if ok != row.plain {
			t.Errorf("%s: plain is %v", row.text, ok)
		}
		var want string
		if ok && (json.Unmarshal([]byte(row.text), &want) != nil || got != want) {
			t.Errorf("%s: %q, want %q", row.text, got, want)
		}
	}
}
