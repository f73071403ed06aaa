//go:build products

package applicationtest

import (
	"encoding/json"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/provider/providertest/chromium"
)

// What stands on the pages of an application.
const (
	LogIn   = "#login:not([disabled])"
	LogOut  = "#logout:not([disabled])"
	Shown   = "#claims"
	Message = "#message:not(:empty)"
)

// Application logs people in, in a world of its own.
type Application struct {
	*e2e.World

	URL     string
	Port    string // of the URL
	Client  *e2e.Client
	Process *e2e.Process // nil: it runs in the browser alone
	T       testing.TB

	ConfirmsLogout string // what to press after #logout; empty: nothing
}

// Claims are what an application knows of a person.
type Claims map[string]any

// Begin goes from the application's page as far as itsme.
func (a *Application) Begin(b *chromium.Tab) {
	a.T.Helper()
	b.GoTo(a.URL + "/")
	a.Again(b)
}

// Again begins a login on the page where the browser is.
func (a *Application) Again(b *chromium.Tab) {
	a.T.Helper()
	b.See(LogIn)
	b.Press(LogIn)
}

// Claims are what the page shows.
func (a *Application) Claims(b *chromium.Tab) Claims {
	a.T.Helper()
	b.See(Shown)
	var c Claims
	if err := json.Unmarshal([]byte(b.Read(Shown)), &c); err != nil {
		a.T.Fatalf("%v: the page shows %s", err, b.Read(Shown))
	}
	return c
}

// Refused fails the test unless the page says that nobody is logged in, and lets the person try again.
func (a *Application) Refused(b *chromium.Tab) {
	a.T.Helper()
	b.See(Message)
	b.Reads(Message, "You are not logged in.")
	b.See(LogIn)
}
