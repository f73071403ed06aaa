package sandbox_test

import (
	"errors"
	"net/http"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func TestAPersonApproves(t *testing.T) {
	s := sandbox.NewServer(t)
	c := client(t, s)
	transaction := begin(t, s, nil)

	result, err := c.Status(t.Context(), transaction.Token)
	if err != nil || result.Status != itsme.Open {
		t.Fatalf("before anything happened: %v, %v", result, err)
	}
	if page := visit(t, transaction.AuthenticationURL); page.status != http.StatusOK {
		t.Fatalf("the first page: %d", page.status)
	}
	if next := submit(t, transaction.AuthenticationURL, "phone=0471 23 45 67"); next.status != http.StatusSeeOther {
		t.Fatalf("the phone number: %d", next.status)
	}
	if page := visit(t, transaction.AuthenticationURL); page.status != http.StatusOK {
		t.Fatalf("the second page: %d", page.status)
	}
	back := submit(t, transaction.AuthenticationURL, "persona=full&outcome=success")
	if back.status != http.StatusSeeOther || back.location != redirectURL {
		t.Fatalf("the way back: %d %q", back.status, back.location)
	}

	result, err = c.Status(t.Context(), transaction.Token)
	if err != nil {
		t.Fatal(err)
	}
	if want := sandbox.Personas()[0].Identity; result.Identity != want {
		t.Error("the identity is not that of the persona")
	}
	if _, err = c.Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrTaken) {
		t.Errorf("the second time: %v", err)
	}
	seen, _ := s.Last()
	if seen.PhoneNumber != "+32471234567" || seen.Status != itsme.Success || !seen.Given || seen.Fetches != 3 || seen.Token != transaction.Token {
		t.Errorf("the simulator saw %+v", seen)
	}
}

func TestWhatWasReceived(t *testing.T) {
	s := sandbox.NewServer(t)
	first := begin(t, s, func(s *itsme.Start) { s.Service, s.Locale, s.PhoneNumber = itsme.Register, "fr", "+32471234567" })
	second := begin(t, s, nil)
	seen := s.Transactions()
	if len(seen) != 2 || seen[0].Token != first.Token || seen[1].Token != second.Token || s.Starts() != 2 {
		t.Fatalf("saw %+v after %d", seen, s.Starts())
	}
	got := seen[0]
	if got.MerchantToken != sandbox.MerchantToken || got.Service != "register" || got.Locale != "fr" || len(got.Scopes) != 4 ||
		got.PhoneNumber != "+32471234567" || got.RedirectURL != redirectURL || got.AuthenticationURL != first.AuthenticationURL {
		t.Errorf("saw %+v", got)
	}
	if s.Fetches(first.Token) != 0 || s.Fetches("another") != 0 {
		t.Error("nobody asked for a status")
	}
}

func TestPersonas(t *testing.T) {
	for _, persona := range sandbox.Personas() {
		t.Run(persona.Name, func(t *testing.T) {
			s := sandbox.NewServer(t)
			s.Next(sandbox.Script{Persona: persona.Name, Outcome: itsme.Success})
			result, err := client(t, s).Status(t.Context(), begin(t, s, nil).Token)
			if err != nil || result.Identity != persona.Identity || len(result.Dropped) > 0 {
				t.Errorf("%v, dropped %v", err, result.Dropped)
			}
		})
	}
}

// What the issue asks of them.
func TestWhatThePersonasLack(t *testing.T) {
	people := map[string]itsme.Identity{}
	ids := map[string]bool{}
	for _, p := range sandbox.Personas() {
		people[p.Name], ids[p.Identity.UserID] = p.Identity, true
	}
	if len(ids) != len(people) {
		t.Error("two people are one")
	}
	if i := people[sandbox.NoAddress]; i.Address != (itsme.Address{}) || i.EmailAddress == "" {
		t.Error(sandbox.NoAddress)
	}
	if i := people[sandbox.NoEmail]; i.EmailAddress != "" || i.GivenName != "" || i.FamilyName == "" {
		t.Error(sandbox.NoEmail)
	}
	if i := people[sandbox.Foreign]; i.Address.CountryCode == "BE" || i.PhoneNumber[:3] == "+32" {
		t.Error(sandbox.Foreign)
	}
}

func TestOnlyWhatTheScopesName(t *testing.T) {
	everything := sandbox.Personas()[0].Identity
	for _, row := range []struct {
		scope itsme.Scope
		want  itsme.Identity
	}{
		{itsme.ScopeEmail, itsme.Identity{EmailAddress: everything.EmailAddress}},
		{itsme.ScopePhone, itsme.Identity{PhoneNumber: everything.PhoneNumber}},
		{itsme.ScopeAddress, itsme.Identity{Address: everything.Address}},
		{itsme.ScopeProfile, itsme.Identity{
			GivenName: everything.GivenName, FamilyName: everything.FamilyName, FullName: everything.FullName,
			Gender: everything.Gender, Birthdate: everything.Birthdate, Locale: everything.Locale,
		}},
	} {
		s := sandbox.NewServer(t, sandbox.Options{Auto: itsme.Success})
		transaction := begin(t, s, func(start *itsme.Start) { start.Scopes = []itsme.Scope{row.scope} })
		result, err := client(t, s).Status(t.Context(), transaction.Token)
		row.want.UserID = everything.UserID
		if err != nil || result.Identity != row.want {
			t.Errorf("%s: %v, another identity", row.scope, err)
		}
	}
}
