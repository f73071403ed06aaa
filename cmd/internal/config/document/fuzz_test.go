package document_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzDocument: whatever is in a document, it is read to its end, and every
// problem is one line with a place.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		"text: x\n", "flag: [", "sections: [{below: {deep: x}}]", "list: [a, ~]", "a: &a\nb: *a", "<<: {a: b}", "? [a]\n: b", "time: 1d2h", "---\n---\n", "text: ${HOST}", "list: [{a: [b, ~]}, {[c]: d}]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		d := read(text)
		if got, ok := d.Root().Value("list").JSON(); ok != json.Valid(got) {
			t.Errorf("%q: %s, %t", text, got, ok)
		}
		for _, p := range d.Problems() {
			if p.Line < last || p.Text == "" || strings.ContainsAny(p.Path, "\r\n") || !strings.Contains(p.Text, "; ") && !strings.Contains(p.Text, "is it") {
				t.Errorf("%q: %q", text, p)
			}
			last = p.Line
		}
	})
}
