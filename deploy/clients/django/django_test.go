//go:build products

package django_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func TestMozillaDjangoOIDC(t *testing.T) {
	path := applicationtest.PythonPath(t)
	a := applicationtest.Start(t, "django")
	a.Beside("manage.py", "example")
	a.Run(path, "PORT="+a.Port, "PYTHONUNBUFFERED=1")

	a.Prove()
	a.ProveLogout()
	knowsNobodyByAnAddress(t, a)
	a.ProveWrongSecret("not logged in: Get Token Error")
}

// Nobody has verified an e-mail address. Who gives that of another is not the other.
func knowsNobodyByAnAddress(t *testing.T, a *applicationtest.Application) {
	t.Helper()
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	b.See("#user")
	lucas := b.Read("#user")

	a.Simulator.Next(sandbox.Script{Outcome: itsme.Success, Answer: `{"status": "success", "userId": "n0tLucas",
		"name": {"givenName": "Not", "familyName": "Lucas", "fullName": "Not Lucas"}, "emailAddress": "lucas.maes@example.com"}`})
	other := a.Browser()
	a.Begin(other)
	if known := a.Claims(other); known["name"] != "Not Lucas" || known["email"] != "lucas.maes@example.com" {
		t.Fatalf("it knows %v", known)
	}
	if user := other.Read("#user"); user == lucas {
		t.Errorf("Not Lucas is user %s, as Lucas is", user)
	}
}
