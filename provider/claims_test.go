package provider_test

import (
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
)

func maes() itsme.Identity {
	return itsme.Identity{
		UserID: "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw", GivenName: "Lucas", FamilyName: "Maes", FullName: "Lucas Maes",
		Gender: "male", Birthdate: "1974-01-31", Locale: "nl", PhoneNumber: "+32471234567", EmailAddress: "lucas.maes@example.com",
		Address: itsme.Address{StreetAddress: "Rue Neuve 1", PostalCode: "1000", City: "Bruxelles", CountryCode: "BE"},
	}
}

// OpenID Connect Core §5.1, §5.4: what a scope tells, and what it does not.
func TestClaimsOfScopes(t *testing.T) {
	const address = `"address":{"formatted":"Rue Neuve 1\n1000 Bruxelles\nBE","street_address":"Rue Neuve 1","postal_code":"1000","locality":"Bruxelles","country":"BE"}`
	for _, row := range []struct {
		name   string
		who    func(*itsme.Identity)
		terms  provider.Terms
		scopes []string
		want   string
	}{
		{"openid alone tells nothing", nil, provider.Terms{}, []string{"openid"}, `{}`},
		{
			"profile", nil,
			provider.Terms{},
			[]string{"profile"},
			`{"birthdate":"1974-01-31","family_name":"Maes","gender":"male","given_name":"Lucas","locale":"nl","name":"Lucas Maes"}`,
		},
		{
			"email claims nothing that CM does not", nil,
			provider.Terms{},
			[]string{"email"},
			`{"email":"lucas.maes@example.com","email_verified":false}`,
		},
		{
			"email asserted by the operator", nil,
			provider.Terms{EmailVerified: true},
			[]string{"email"},
			`{"email":"lucas.maes@example.com","email_verified":true}`,
		},
		{"phone", nil, provider.Terms{}, []string{"phone"}, `{"phone_number":"+32471234567","phone_number_verified":false}`},
		{
			"phone asserted by the operator", nil,
			provider.Terms{PhoneNumberVerified: true},
			[]string{"phone"},
			`{"phone_number":"+32471234567","phone_number_verified":true}`,
		},
		{
			"one flag is not the other", nil,
			provider.Terms{EmailVerified: true},
			[]string{"phone"},
			`{"phone_number":"+32471234567","phone_number_verified":false}`,
		},
		{"address", nil, provider.Terms{}, []string{"address"}, `{` + address + `}`},
		{
			"flat address", nil,
			provider.Terms{FlatAddress: true},
			[]string{"address"},
			`{` + address + `,"country":"BE","locality":"Bruxelles","postal_code":"1000","street_address":"Rue Neuve 1"}`,
		},
		{"no e-mail, so no flag either", func(i *itsme.Identity) { i.EmailAddress = "" }, provider.Terms{EmailVerified: true}, []string{"email"}, `{}`},
		{"no phone", func(i *itsme.Identity) { i.PhoneNumber = "" }, provider.Terms{}, []string{"phone"}, `{}`},
		{"no address", func(i *itsme.Identity) { i.Address = itsme.Address{} }, provider.Terms{FlatAddress: true}, []string{"address"}, `{}`},
		{
			"half an address", func(i *itsme.Identity) { i.Address = itsme.Address{City: "Gent"} },
			provider.Terms{},
			[]string{"address"},
			`{"address":{"formatted":"Gent","locality":"Gent"}}`,
		},
		{
			"no given name", func(i *itsme.Identity) { i.GivenName, i.Gender = "", "" },
			provider.Terms{},
			[]string{"profile"},
			`{"birthdate":"1974-01-31","family_name":"Maes","locale":"nl","name":"Lucas Maes"}`,
		},
	} {
		who := maes()
		if row.who != nil {
			row.who(&who)
		}
		if got := provider.ClaimsOf(who, row.terms, row.scopes...); got != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, got, row.want)
		}
	}
}

// OpenID Connect Core §8.1: the same person is one subject within a sector, and nobody known outside of it.
func TestSubjects(t *testing.T) {
	salt, user := []byte("a salt of at least thirty-two bytes, for tests"), maes().UserID
	shop := provider.Terms{Subject: provider.Pairwise, Sector: "shop.example"}
	mine := provider.SubjectOf(salt, shop, user)
	for _, row := range []struct {
		name string
		sub  string
		same bool
	}{
		{"again", provider.SubjectOf(salt, shop, user), true},
		{"another client of the sector", provider.SubjectOf(salt, provider.Terms{ID: "other", Subject: provider.Pairwise, Sector: "shop.example"}, user), true},
		{"another sector", provider.SubjectOf(salt, provider.Terms{Subject: provider.Pairwise, Sector: "bank.example"}, user), false},
		{"another person", provider.SubjectOf(salt, shop, user+"x"), false},
		{"another salt", provider.SubjectOf([]byte("another salt of at least thirty-two bytes, too"), shop, user), false},
		{
			"a sector that ends in what the userId begins with",
			provider.SubjectOf(salt, provider.Terms{Subject: provider.Pairwise, Sector: "shop.exampleQ"}, user[1:]), false,
		},
	} {
		if (row.sub == mine) != row.same {
			t.Errorf("%s: the same subject: %v, want %v", row.name, row.sub == mine, row.same)
		}
	}
	if len(mine) != 43 {
		t.Errorf("a pairwise subject has %d characters, want 43", len(mine))
	}
	if got := provider.SubjectOf(salt, provider.Terms{Subject: provider.Public}, user); got != user {
		t.Errorf("a public subject is %q, want CM's userId", got)
	}
}
