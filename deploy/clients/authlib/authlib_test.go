//go:build products

package authlib_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

func TestAuthlib(t *testing.T) {
	path := applicationtest.PythonPath(t)
	a := applicationtest.Start(t, "authlib")
	a.Beside("app.py")
	a.Run(path, "FLASK_RUN_PORT="+a.Port)

	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret("not logged in: invalid_client")
}
