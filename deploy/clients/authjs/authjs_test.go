//go:build products

package authjs_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

// run starts the application, as its guide says.
func run(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "authjs", flags...)
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT=" + a.Port)
	return a
}

func TestAuthJS(t *testing.T) {
	a := run(t)
	a.Prove()
	a.ProveOwnLogout()
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	if known := a.Claims(b); known["id"] != known["sub"] {
		t.Errorf("the person's id in the session is %v, want the sub %v", known["id"], known["sub"])
	}
	a.ProveWrongSecret("CallbackRouteError")
}

// ES256 signs the ID tokens, and the application is set up for that as the command says.
func TestES256(t *testing.T) { run(t, "--signing-alg", "ES256").ProveLogin() }
