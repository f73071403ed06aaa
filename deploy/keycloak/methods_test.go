//go:build products

package keycloak_test

import (
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
)

// However Keycloak shows who it is, and wherever it reads, it learns the same.
func TestEveryWayToAuthenticateAndToRead(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	for _, row := range []struct {
		name     string
		entry    string         // here
		settings map[string]any // there
	}{
		{"client_secret_post", "auth_method: client_secret_post", map[string]any{"clientAuthMethod": "client_secret_post"}},
		{"client_secret_basic", "auth_method: client_secret_basic", map[string]any{"clientAuthMethod": "client_secret_basic"}},
		{"userinfo off", "for: keycloak", map[string]any{"disableUserInfo": "true"}},
		{"userinfo signed", "userinfo_signed_response_alg: RS256", map[string]any{"disableUserInfo": "false"}},
		{"ID tokens by ES256", "{userinfo_signed_response_alg: null, signing_alg: ES256}", nil},
		{"ID tokens by PS256", "signing_alg: PS256", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			w.Simulator.Forget()
			r.Set(row.entry)
			r.change(row.settings)
			b := w.Browser()
			r.login(b)
			b.Approve()
			r.loggedIn(b)
			u := r.only()
			r.hasEverything(u)
			w.Saw(itsme.Success)
			r.ask("DELETE", "/users/"+u.ID, nil, nil) // for the next row to be a first login, too
		})
	}
}

// Keycloak signs with a key of its realm, and we find it at the realm's jwks_uri. There is no secret.
func TestPrivateKeyJWT(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w, "--auth-method", "private_key_jwt")
	if r.Secret != "" {
		t.Error("there is a secret")
	}
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	r.hasEverything(r.only())
	w.Saw(itsme.Success)
}

// An address is as verified as the bridge says, also where the operator trusts it. Without email_verified in the ID token Keycloak would
// take every address for verified: that is why the entry has id_token_claims.
func TestTrustEmailVerifiesNothing(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	r.change(map[string]any{"trustEmail": true})
	for _, row := range []struct {
		name, entry string
		verified    bool
	}{
		{"as printed", "id_token_claims: true", false},
		{"asserted by the operator", "email_verified: true", true},
		{"without claims in the ID token", "{id_token_claims: false, email_verified: false}", true}, // which is why
	} {
		t.Run(row.name, func(t *testing.T) {
			w.Simulator.Forget()
			r.Set(row.entry)
			b := w.Browser()
			r.login(b)
			b.Approve()
			r.loggedIn(b)
			u := r.only()
			if u.Email != "lucas.maes@example.com" || u.EmailVerified != row.verified {
				t.Errorf("%s is verified: %t, want %t", u.Email, u.EmailVerified, row.verified)
			}
			w.Saw(itsme.Success)
			r.ask("DELETE", "/users/"+u.ID, nil, nil)
		})
	}
}

func TestLanguageAndLoginHintReachItsme(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b, "ui_locales", "fr", "login_hint", "+32471234567")
	b.See("html[lang=fr]")
	seen := w.Transactions()
	if len(seen) != 1 || seen[0].Locale != "fr" || seen[0].PhoneNumber != "+32471234567" {
		t.Errorf("CM saw %+v", seen)
	}
	b.Cancel()
	b.See("html[lang=fr] [data-page=cancelled]")
}
