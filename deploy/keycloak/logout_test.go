//go:build products

package keycloak_test

import (
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/provider/providertest/chromium"
)

// sessions are how many the person has at Keycloak.
func (r *realm) sessions(u user) int {
	r.t.Helper()
	var all []any
	r.ask("GET", "/users/"+u.ID+"/sessions", nil, &all)
	return len(all)
}

// leaves logs out in the application: Keycloak asks nothing.
func (r *realm) leaves(b *chromium.Tab) {
	r.t.Helper()
	b.GoTo(r.application.url + "/logout")
	b.See("#said")
	b.Reads("#said", "bye")
}

// A logout at Keycloak ends the session at the bridge: the next login is a fresh approval.
func TestALogoutAtKeycloakEndsOurSession(t *testing.T) {
	w := e2e.Start(t, "session: {ttl: 1h}")
	r := newRealm(t, w, "--session")
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	person := r.only()
	for _, row := range []struct {
		name     string
		settings map[string]any
		logout   func()
		silent   bool // our session lives on
	}{
		{"by its server", nil, func() { r.leaves(b) }, false},
		{"by its server, for an administrator", nil, func() { r.ask("POST", "/users/"+person.ID+"/logout", nil, nil) }, false},
		{"by the browser", map[string]any{"backchannelSupported": "false"}, func() { r.leaves(b) }, false},
		{"not at all", map[string]any{"logoutUrl": ""}, func() { r.leaves(b) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r.change(row.settings)
			row.logout()
			if r.sessions(person) != 0 {
				t.Error("the session at Keycloak goes on")
			}
			w.Simulator.Forget()
			r.login(b)
			if row.silent {
				r.loggedIn(b)
				w.Saw()
				return
			}
			b.Approve()
			r.loggedIn(b)
			w.Saw(itsme.Success)
		})
	}
}

// A logout at the bridge ends the session at Keycloak: it is told, from server to server.
func TestOurLogoutEndsTheSessionAtKeycloak(t *testing.T) {
	w := e2e.Start(t, "session: {ttl: 1h}")
	r := newRealm(t, w, "--session")
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	person := r.only()
	if r.sessions(person) != 1 {
		t.Fatalf("%d sessions at Keycloak", r.sessions(person))
	}
	b.GoTo(w.Issuer + "/logout")
	b.See("#primary")
	b.Press("#primary")
	w.Bridge().Await(`msg="logout notice" client=keycloak result=delivered`, 1)
	if r.sessions(person) != 0 {
		t.Error("the session at Keycloak goes on")
	}
	r.login(b) // Keycloak asks again
	b.Approve()
	r.loggedIn(b)
	w.Saw(itsme.Success, itsme.Success)
}
