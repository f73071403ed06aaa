package token_test

import (
	"strings"
	"testing"

	"itsme-bridge/provider/token"
	"itsme-bridge/storage"
)

func FuzzRefreshToken(f *testing.F) {
	f.Add(storage.NewHandle().Text() + "." + strings.Repeat("A", 26))
	f.Add("")
	f.Add(strings.Repeat(".", 80))
	f.Add(strings.Repeat("A", 26) + "." + strings.Repeat("B", 26) + ".." + strings.Repeat("C", 25))
	f.Fuzz(func(t *testing.T, text string) {
		again, ok := token.ParseRefreshToken(text)
		if ok && (again != text || len(text) != 80 || strings.Count(text, ".") != 2) {
			t.Fatalf("%q became %q", text, again)
		}
	})
}
