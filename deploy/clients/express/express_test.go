//go:build products

package express_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

func TestExpressOpenIDConnect(t *testing.T) {
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "express")
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT=" + a.Port)

	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret("not logged in: OAUTH_WWW_AUTHENTICATE_CHALLENGE") // its word for invalid_client
}
