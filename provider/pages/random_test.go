package pages_test

import (
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
	"itsme-bridge/storage/storagetest"
)

// A nonce that can be guessed lets foreign script and style in.
func TestNonceIsRandomInEveryPosition(t *testing.T) {
	storagetest.Varies(t, 26, 32, func() string {
		answer, _ := show(t, 200, pages.Page{Kind: pages.Late})
		return strings.TrimSuffix(strings.TrimPrefix(directives(answer)["style-src"], "'nonce-"), "'")
	})
}
