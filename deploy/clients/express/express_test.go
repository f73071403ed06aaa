//go:build products

package express_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

// run starts the application, as its guide says.
func run(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "express", flags...)
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT=" + a.Port)
	return a
}

func TestExpressOpenIDConnect(t *testing.T) {
	a := run(t)
	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret("not logged in: OAUTH_WWW_AUTHENTICATE_CHALLENGE") // its word for invalid_client
}

// ES256 signs the ID tokens, and the application is set up for that as the command says.
func TestES256(t *testing.T) { run(t, "--signing-alg", "ES256").ProveLogin() }
