//go:build products

package spring_test

import (
	"path/filepath"
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
	"itsme-bridge/deploy/internal/e2e"
)

func TestSpringBoot(t *testing.T) {
	jar := filepath.Join(e2e.Tool(t, "spring"), "application.jar")
	a := applicationtest.Start(t, "spring")
	a.ConfirmsLogout = "form[action='/logout'] button"
	a.Link(jar)
	a.Run("SERVER_ADDRESS=127.0.0.1", "SERVER_PORT="+a.Port)

	a.Prove()
	a.ProveLogout()
	a.ProveWrongSecret(`not logged in: [invalid_token_response]`)
}
