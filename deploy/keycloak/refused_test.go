//go:build products

package keycloak_test

import (
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/provider/providertest/chromium"
)

// A login that comes to nothing is tried again on the bridge's page, or given up there. Then Keycloak says so on its own login page, where
// the person can begin again, and nothing begins by itself.
func TestNoLoginIsADeadEnd(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b)
	for _, row := range []struct{ outcome, page string }{{"cancelled", "cancelled"}, {"failure", "failed"}, {"expired", "expired"}, {"open", "waiting"}} {
		b.Decide(row.outcome)
		b.See(chromium.Page(row.page))
		b.Leave()
		b.See(button)
		if said := b.Read(alert); !strings.Contains(said, "Access denied when authenticating with itsme") {
			t.Errorf("%s: Keycloak says %q", row.outcome, said)
		}
		b.Press(button)
	}
	w.Saw("cancelled", "failure", "expired", "open", "open")
	b.Cancel()
	b.TryAgain()
	b.Approve()
	r.loggedIn(b)
	r.only()
	w.Saw("cancelled", "failure", "expired", "open", "cancelled", itsme.Success)
}

// On "try again" after an expiry Keycloak begins another login by itself, once for each click.
func TestAnExpiredLoginIsBegunAnewByAClick(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b)
	b.Expire()
	b.TryAgain()
	b.See(chromium.Number)
	w.Saw(itsme.Expired, itsme.Open)
	b.Back()
	b.See(chromium.Page("expired"))
	w.Saw(itsme.Expired, itsme.Open) // and nothing by going back
	b.TryAgain()
	b.See(onward) // Keycloak has had this answer, and leads on
	b.Press(onward)
	b.See(button)
	w.Saw(itsme.Expired, itsme.Open)
	b.Press(button)
	b.Approve()
	r.loggedIn(b)
	w.Saw(itsme.Expired, itsme.Open, itsme.Success)
}

// Whoever goes back sees Keycloak's login page, and pays nothing for that.
func TestGoingBackLeadsToTheLoginPage(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b)
	b.See(chromium.Number)
	b.Back()
	b.See(button)
	w.Saw(itsme.Open)
	b.Press(button)
	b.Approve()
	r.loggedIn(b)
	w.Saw(itsme.Open, itsme.Success)
}

// What is set up wrongly says so, and costs one transaction at most: nothing begins again by itself.
func TestAWrongSetupBillsOnce(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	secret := r.Secret
	for _, row := range []struct {
		name  string
		wrong map[string]any
		sees  string // the person
		says  string // the bridge's log
		bills int
	}{
		{"no PKCE", map[string]any{"pkceEnabled": "false"}, button, "code_challenge", 0},
		{"a wrong secret", map[string]any{"clientSecret": "another-secret-that-is-not-the-one-here"}, failure, "invalid_client", 1},
		{"another issuer", map[string]any{"issuer": w.Issuer + "/"}, failure, "route=/token status=200", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.Simulator.Forget()
			right := map[string]any{"pkceEnabled": "true", "defaultScope": "openid profile email phone address", "clientSecret": secret, "issuer": w.Issuer}
			r.change(row.wrong)
			defer r.change(right)
			b := w.Browser()
			r.login(b)
			if row.bills > 0 {
				b.Approve()
			}
			b.See(row.sees)
			if row.sees == failure && !strings.Contains(b.Read(failure), "Unexpected error when authenticating with identity provider") {
				t.Errorf("Keycloak says %q", b.Read(failure))
			}
			if got := len(w.Transactions()); got != row.bills {
				t.Errorf("%d transactions, want %d", got, row.bills)
			}
			if !strings.Contains(w.Log(), row.says) {
				t.Errorf("the log does not say %s:\n%s", row.says, w.Log())
			}
		})
	}
}
