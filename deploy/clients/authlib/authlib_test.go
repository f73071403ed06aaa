//go:build products

package authlib_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

// run starts the application, as its guide says.
func run(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	path := applicationtest.PythonPath(t)
	a := applicationtest.Start(t, "authlib", flags...)
	a.Beside("app.py")
	a.Run(path, "FLASK_RUN_PORT="+a.Port)
	return a
}

func TestAuthlib(t *testing.T) {
	a := run(t)
	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret("not logged in: invalid_client")
}

// ES256 signs the ID tokens, and the application is set up for that as the command says.
func TestES256(t *testing.T) { run(t, "--signing-alg", "ES256").ProveLogin() }
