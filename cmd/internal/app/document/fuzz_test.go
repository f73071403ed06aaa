package document_test

import (
	"strings"
	"testing"
)

// FuzzDocument: whatever is in a document, it is read to its end, and every
// problem is one line with a place.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		"text: x\n", "flag: [", "sections: [{below: {deep: x}}]", "list: [a, ~]", "a: &a\nb: *a", "<<: {a: b}", "? [a]\n: b", "time: 1d2h", "---\n---\n", "text: ${HOST}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, p := range read(text).Problems() {
			if p.Line < last || p.Text == "" || strings.ContainsAny(p.Path, "\r\n") || !strings.Contains(p.Text, "; ") && !strings.Contains(p.Text, "is it") {
				t.Errorf("%q: %q", text, p)
			}
			last = p.Line
		}
	})
}
