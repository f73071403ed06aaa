//go:build products

package spring_test

import (
	"path/filepath"
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
	"itsme-bridge/deploy/internal/e2e"
)

// run starts the application, as its guide says.
func run(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	jar := filepath.Join(e2e.Tool(t, "spring"), "application.jar")
	a := applicationtest.Start(t, "spring", flags...)
	a.ConfirmsLogout = "form[action='/logout'] button"
	a.Link(jar)
	a.Run("SERVER_ADDRESS=127.0.0.1", "SERVER_PORT="+a.Port)
	return a
}

func TestSpringBoot(t *testing.T) {
	a := run(t)
	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret(`not logged in: [invalid_token_response]`)
}

// ES256 signs the ID tokens, and the application is set up for that as the command says.
func TestES256(t *testing.T) { run(t, "--signing-alg", "ES256").ProveLogin() }
