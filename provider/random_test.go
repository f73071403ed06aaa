package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

const base32Letters = 32

// Tokens are of random parts, and every letter of each is random.
func TestTokensAreRandomInEveryPosition(t *testing.T) {
	b := newLasting(t, storagetest.New(t))
	parts := func(token string) string { return strings.ReplaceAll(token, ".", "") }
	t.Run("an access token and the first refresh token beside it", func(t *testing.T) {
		storagetest.Varies(t, 4*26, base32Letters, func() string {
			first := b.begun("lasting")
			return parts(first.access(t)) + parts(first.refresh(t))[26:] // they share the family's id
		})
	})
	t.Run("the next refresh token", func(t *testing.T) {
		last := b.begun("lasting")
		storagetest.Varies(t, 26, base32Letters, func() string {
			last = b.next(last.refresh(t))
			token := last.refresh(t)
			return token[strings.LastIndex(token, ".")+1:]
		})
	})
}

// A reference is short, and so has to use all of its letters.
func TestReferencesAreRandomInEveryPosition(t *testing.T) {
	s := New(t)
	storagetest.Varies(t, 10, base32Letters, func() string {
		direct(t, s, "GET", "/authorize", nil, nil)
		lines := strings.Split(strings.TrimSpace(s.Log.String()), "\n")
		var line struct {
			Reference string `json:"reference"`
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			t.Fatal(err)
		}
		return line.Reference
	})
}
