//go:build products

package applicationtest

import (
	"maps"
	"reflect"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest/chromium"
)

// lucas is the simulator's first person, as an application that may ask for everything knows him.
func lucas() Claims {
	return Claims{
		"name": "Lucas Maes", "given_name": "Lucas", "family_name": "Maes", "gender": "male", "birthdate": "1974-01-31", "locale": "nl",
		"email": "lucas.maes@example.com", "email_verified": false, "phone_number": "+32471234567", "phone_number_verified": false,
		"address": map[string]any{
			"formatted": "Rue Neuve 1\n1000 Bruxelles\nBE", "street_address": "Rue Neuve 1", "postal_code": "1000", "locality": "Bruxelles", "country": "BE",
		},
	}
}

// Prove proves what every guide promises.
func (a *Application) Prove() {
	a.T.Helper()
	sub := a.tellsEverything()
	a.knowsAPersonAgain(sub)
	a.takesACancel(sub)
	a.takesATryAgain(sub)
}

// ProveLogin proves that a person can log in, and that the application is told everything.
func (a *Application) ProveLogin() {
	a.T.Helper()
	a.tellsEverything()
}

func (a *Application) tellsEverything() (sub any) {
	a.T.Helper()
	a.Simulator.Forget()
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	known := a.Claims(b)
	sub = known["sub"]
	if sub == nil || sub == "" {
		a.T.Errorf("it knows no sub: %v", known)
	}
	want := lucas()
	maps.DeleteFunc(known, func(name string, _ any) bool { return want[name] == nil }) // exp, aud and the like
	if !reflect.DeepEqual(known, want) {
		a.T.Errorf("it knows %v\nwant %v", known, want)
	}
	b.GoTo(b.Location()) // a reload sends no answer twice
	if again := a.Claims(b); again["sub"] != sub || b.Has(Message) {
		a.T.Errorf("after a reload it knows %v, want %v, and nothing to say", again, sub)
	}
	a.Saw(itsme.Success)
	return sub
}

func (a *Application) knowsAPersonAgain(sub any) {
	a.T.Helper()
	a.Simulator.Forget()
	for _, row := range []struct {
		persona, name string
		same          bool
	}{
		{sandbox.Full, "Lucas Maes", true},
		{sandbox.Foreign, "Sanne de Vries", false},
		{sandbox.NoEmail, "Wouters", false}, // has no e-mail address either
	} {
		b := a.Browser()
		a.Begin(b)
		b.ApproveAs(row.persona)
		if known := a.Claims(b); known["name"] != row.name || (known["sub"] == sub) != row.same {
			a.T.Errorf("%s is %v, and the first was %v", row.persona, known, sub)
		}
	}
	a.Saw(itsme.Success, itsme.Success, itsme.Success)
}

// takesACancel: who gives up is told so by the application, pays for no second
// transaction, and may come again.
func (a *Application) takesACancel(sub any) {
	a.T.Helper()
	a.Simulator.Forget()
	b := a.Browser()
	a.Begin(b)
	b.Cancel()
	b.Leave()
	a.Refused(b)
	a.Saw(itsme.Cancelled)
	a.Again(b)
	b.Approve()
	if known := a.Claims(b); known["sub"] != sub {
		a.T.Errorf("after a cancel it knows %v, want %v", known, sub)
	}
	a.Saw(itsme.Cancelled, itsme.Success)
}

// takesATryAgain: a second attempt on the bridge's page is the same login to the application.
func (a *Application) takesATryAgain(sub any) {
	a.T.Helper()
	a.Simulator.Forget()
	b := a.Browser()
	a.Begin(b)
	b.Cancel()
	b.TryAgain()
	b.Approve()
	if known := a.Claims(b); known["sub"] != sub {
		a.T.Errorf("after another attempt it knows %v, want %v", known, sub)
	}
	a.Saw(itsme.Cancelled, itsme.Success)
}

// ProveLogout proves that a logout ends the bridge's session too, so that the next
// person at this browser has to approve.
func (a *Application) ProveLogout() {
	a.T.Helper()
	b := a.loggedOut()
	b.See(chromium.Number)
	a.Saw(itsme.Success, itsme.Open)
}

// ProveOwnLogout proves that a logout ends the application's own session alone: the
// next person at this browser is logged in as the one before.
func (a *Application) ProveOwnLogout() {
	a.T.Helper()
	b := a.loggedOut()
	if known := a.Claims(b); known["name"] != "Lucas Maes" {
		a.T.Errorf("it knows %v", known)
	}
	a.Saw(itsme.Success)
}

// loggedOut is a browser that has logged in and out, and has begun once more.
func (a *Application) loggedOut() *chromium.Tab {
	a.T.Helper()
	a.Simulator.Forget()
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	b.See(LogOut)
	b.Press(LogOut)
	if a.ConfirmsLogout != "" {
		b.See(a.ConfirmsLogout)
		b.Press(a.ConfirmsLogout)
	}
	b.See(LogIn)
	b.Press(LogIn)
	return b
}

// ProveWrongSecret proves that the person is told as after a cancel, and that the engineer
// reads these words in the application's log and the reason in the bridge's. It spoils the entry.
func (a *Application) ProveWrongSecret(words string) {
	a.T.Helper()
	a.Simulator.Forget()
	a.Client.Set(`secret_hash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"`)
	b := a.Browser()
	a.Begin(b)
	b.Approve()
	a.Refused(b)
	a.Process.Await(words, 1)
	a.Bridge().Await("error=invalid_client", 1)
	a.Saw(itsme.Success)
}
