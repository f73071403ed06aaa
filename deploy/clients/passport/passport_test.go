//go:build products

package passport_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

func TestPassport(t *testing.T) {
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "passport")
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT=" + a.Port)

	a.Prove()
	a.ProveOwnLogout()
	a.ProveWrongSecret("not logged in: invalid_client")
}
