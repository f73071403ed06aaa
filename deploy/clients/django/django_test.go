//go:build products

package django_test

import (
	"testing"

	"itsme-bridge/deploy/clients/internal/applicationtest"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// run starts the application, as its guide says.
func run(t *testing.T, flags ...string) *applicationtest.Application {
	t.Helper()
	path := applicationtest.PythonPath(t)
	a := applicationtest.Start(t, "django", flags...)
	a.Beside("manage.py", "example")
	a.Run(path, "PORT="+a.Port, "PYTHONUNBUFFERED=1")
	return a
}

func TestMozillaDjangoOIDC(t *testing.T) {
	a := run(t)
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

// ES256 signs the ID tokens, and the application is set up for that as the command says.
func TestES256(t *testing.T) { run(t, "--signing-alg", "ES256").ProveLogin() }
