//go:build products

package passport_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/application"
)

func TestPassport(t *testing.T) {
	modules := application.NPM(t)
	a := application.Start(t, "passport")
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT="+a.Port, "SESSION_SECRET="+application.Secret)

	a.Prove()
	a.ProveOwnLogout()
	a.ProveWrongSecret("not logged in: invalid_client")
}
