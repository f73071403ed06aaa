//go:build products

package keycloak_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// flat is a person's attributes with one value each.
func flat(attributes map[string][]string) map[string]string {
	out := map[string]string{}
	for name, values := range attributes {
		out[name] = strings.Join(values, "|")
	}
	return out
}

// lucas is what becomes of the simulator's first persona.
func lucas() map[string]string {
	return map[string]string{
		"birthdate": "1974-01-31", "gender": "male", "locale": "nl", "phoneNumber": "+32471234567", "phoneNumberVerified": "false",
		"street": "Rue Neuve 1", "postal_code": "1000", "locality": "Bruxelles", "country": "BE",
	}
}

// hasEverything fails the test unless a user has all that the simulator's first persona shares.
func (r *realm) hasEverything(u user) {
	r.t.Helper()
	if got := flat(u.Attributes); !maps.Equal(got, lucas()) {
		r.t.Errorf("the attributes are %v, want %v", got, lucas())
	}
	if u.FirstName != "Lucas" || u.LastName != "Maes" || u.Email != "lucas.maes@example.com" || u.EmailVerified || !strings.HasPrefix(u.Username, "itsme.") {
		r.t.Errorf("the person is %+v", u)
	}
}

// moved is CM's answer about the same person, who has moved and has another e-mail address.
func moved(t *testing.T) string {
	t.Helper()
	i := sandbox.Personas()[0].Identity
	text, err := json.Marshal(map[string]any{
		"status": "success", "userId": i.UserID, "givenName": i.GivenName, "familyName": i.FamilyName, "fullName": i.FullName,
		"birthdate": i.Birthdate, "gender": i.Gender, "locale": "fr", "phoneNumber": i.PhoneNumber, "emailAddress": "lucas@example.net",
		"address": map[string]string{"streetAddress": "Veldstraat 2", "postalCode": "9000", "city": "Gent", "countryCode": "BE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The application hears of everything through Keycloak's own scopes.
func TestThePersonIsTheSameTheNextTime(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w)
	b := w.Browser()
	r.login(b)
	b.Approve()
	claims := r.loggedIn(b)
	if claims["name"] != "Lucas Maes" || claims["birthdate"] != "1974-01-31" {
		t.Errorf("the application hears %v", claims)
	}
	first := r.only()
	r.hasEverything(first)

	// What others have put there stays: the administrator has seen the address, and the person likes English.
	first.EmailVerified = true
	first.Attributes["locale"], first.Attributes["department"] = []string{"en"}, []string{"sales"}
	r.ask("PUT", "/users/"+first.ID, first, nil)

	w.Simulator.Next(sandbox.Script{Outcome: itsme.Success, Answer: moved(t)})
	another := w.Browser() // on another machine
	r.login(another)
	r.loggedIn(another)
	second := r.only()
	want := lucas()
	maps.Copy(want, map[string]string{"street": "Veldstraat 2", "postal_code": "9000", "locality": "Gent", "locale": "en", "department": "sales"})
	if got := flat(second.Attributes); second.ID != first.ID || second.Username != first.Username || !maps.Equal(got, want) {
		t.Errorf("the next time it is %+v, want %v", second, want)
	}
	if second.Email != "lucas@example.net" || second.EmailVerified {
		t.Errorf("the new address is %s, verified %t", second.Email, second.EmailVerified)
	}

	other := w.Browser()
	r.login(other)
	other.ApproveAs(sandbox.Foreign)
	r.loggedIn(other)
	if all := r.users(); len(all) != 2 {
		t.Errorf("two people are %+v", all)
	}
	w.Saw(itsme.Success, itsme.Success, itsme.Success)
}

// A scope that the entry does not have has no mapper, which would take away what is there.
func TestWhatIsNotAskedForIsLeftAlone(t *testing.T) {
	w := e2e.Start(t)
	r := newRealm(t, w, "--scopes", "profile,email")
	b := w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	u := r.only()
	u.Attributes["street"], u.Attributes["phoneNumber"] = []string{"Own street 1"}, []string{"+3221234567"}
	r.ask("PUT", "/users/"+u.ID, u, nil)
	b = w.Browser()
	r.login(b)
	b.Approve()
	r.loggedIn(b)
	want := map[string]string{"birthdate": "1974-01-31", "gender": "male", "locale": "nl", "street": "Own street 1", "phoneNumber": "+3221234567"}
	if got := flat(r.only().Attributes); !maps.Equal(got, want) {
		t.Errorf("the attributes are %v, want %v", got, want)
	}
	w.Saw(itsme.Success, itsme.Success)
}
