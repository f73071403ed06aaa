//go:build products

package authjs_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
)

func TestAuthJS(t *testing.T) {
	modules := applicationtest.NPM(t)
	a := applicationtest.Start(t, "authjs")
	a.Link(modules)
	a.Beside("server.mjs")
	a.Run("PORT=" + a.Port)

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
