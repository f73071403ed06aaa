package main_test

import (
	"encoding/base64"
	"regexp"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// Nobody guesses the secret of a client that the command has made, and no two clients have one id.
func TestWhatAClientIsGivenIsRandomInEveryPosition(t *testing.T) {
	printed := func(pattern string) string {
		t.Helper()
		code, stdout, stderr := run(t, "client", "new")
		found := regexp.MustCompile(pattern).FindStringSubmatch(stderr)
		if code != 0 || found == nil {
			t.Fatalf("%d\n%s\n%s", code, stdout, stderr)
		}
		return found[1]
	}
	t.Run("id", func(t *testing.T) {
		storagetest.Varies(t, 8, 32, func() string { return printed(`(?m)^id: +client-(\S+)$`) })
	})
	t.Run("secret", func(t *testing.T) {
		storagetest.Varies(t, 32, 256, func() string {
			raw, err := base64.RawURLEncoding.DecodeString(printed(`(?m)^secret: (\S+)$`))
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		})
	})
}
