package interop_test

import (
	"log/slog"
	"os"
	"testing"
)

// zitadel/oidc writes to a logger of its own, which the commands silence too.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
