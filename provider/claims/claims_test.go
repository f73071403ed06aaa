package claims_test

import (
	"encoding/json"
	"slices"
	"testing"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
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
		terms  client.Terms
		scopes []string
		want   string
	}{
		{"openid alone tells nothing", nil, client.Terms{}, []string{"openid"}, `{}`},
		{
			"profile", nil,
			client.Terms{},
			[]string{"profile"},
			`{"birthdate":"1974-01-31","family_name":"Maes","gender":"male","given_name":"Lucas","locale":"nl","name":"Lucas Maes"}`,
		},
		{
			"email claims nothing that CM does not", nil,
			client.Terms{},
			[]string{"email"},
			`{"email":"lucas.maes@example.com","email_verified":false}`,
		},
		{
			"email asserted by the operator", nil,
			client.Terms{EmailVerified: true},
			[]string{"email"},
			`{"email":"lucas.maes@example.com","email_verified":true}`,
		},
		{"phone", nil, client.Terms{}, []string{"phone"}, `{"phone_number":"+32471234567","phone_number_verified":false}`},
		{
			"phone asserted by the operator", nil,
			client.Terms{PhoneNumberVerified: true},
			[]string{"phone"},
			`{"phone_number":"+32471234567","phone_number_verified":true}`,
		},
		{
			"one flag is not the other", nil,
			client.Terms{EmailVerified: true},
			[]string{"phone"},
			`{"phone_number":"+32471234567","phone_number_verified":false}`,
		},
		{"address", nil, client.Terms{}, []string{"address"}, `{` + address + `}`},
		{
			"flat address", nil,
			client.Terms{FlatAddress: true},
			[]string{"address"},
			`{` + address + `,"country":"BE","locality":"Bruxelles","postal_code":"1000","street_address":"Rue Neuve 1"}`,
		},
		{"no e-mail, so no flag either", func(i *itsme.Identity) { i.EmailAddress = "" }, client.Terms{EmailVerified: true}, []string{"email"}, `{}`},
		{"no phone", func(i *itsme.Identity) { i.PhoneNumber = "" }, client.Terms{}, []string{"phone"}, `{}`},
		{"no address", func(i *itsme.Identity) { i.Address = itsme.Address{} }, client.Terms{FlatAddress: true}, []string{"address"}, `{}`},
		{
			"half an address", func(i *itsme.Identity) { i.Address = itsme.Address{City: "Gent"} },
			client.Terms{},
			[]string{"address"},
			`{"address":{"formatted":"Gent","locality":"Gent"}}`,
		},
		{
			"no given name", func(i *itsme.Identity) { i.GivenName, i.Gender = "", "" },
			client.Terms{},
			[]string{"profile"},
			`{"birthdate":"1974-01-31","family_name":"Maes","locale":"nl","name":"Lucas Maes"}`,
		},
	} {
		who := maes()
		if row.who != nil {
			row.who(&who)
		}
		got, err := claims.Of(&who, &row.terms, func(r claims.Row) bool { return slices.Contains(row.scopes, r.Scope) })
		if got == nil {
			got = json.RawMessage(`{}`)
		}
		if err != nil || string(got) != row.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", row.name, got, err, row.want)
		}
	}
}

// What a row tells stands under its name, and nothing else does.
func TestARowTellsItsOwnClaim(t *testing.T) {
	who, terms := maes(), client.Terms{FlatAddress: true}
	for _, row := range claims.Table() {
		told, err := claims.Of(&who, &terms, func(r claims.Row) bool { return r.Name == row.Name })
		var members map[string]json.RawMessage
		if err != nil || json.Unmarshal(told, &members) != nil || len(members) != 1 || members[row.Name] == nil || !row.Has(&who, &terms) {
			t.Errorf("%s tells %s, %v", row.Name, told, err)
		}
		if nobody := new(itsme.Identity); row.Has(nobody, &terms) {
			t.Errorf("%s is told of somebody who has none", row.Name)
		}
	}
}

// OpenID Connect Core §8.1: the same person is one subject within a sector, and nobody known outside of it.
func TestSubjects(t *testing.T) {
	salt, user := []byte("a salt of at least thirty-two bytes, for tests"), maes().UserID
	shop := client.Terms{Subject: client.Pairwise, Sector: "shop.example"}
	mine := claims.Subject(salt, &shop, user)
	for _, row := range []struct {
		name string
		sub  string
		same bool
	}{
		{"again", claims.Subject(salt, &shop, user), true},
		{"another client of the sector", claims.Subject(salt, &client.Terms{ID: "other", Subject: client.Pairwise, Sector: "shop.example"}, user), true},
		{"another sector", claims.Subject(salt, &client.Terms{Subject: client.Pairwise, Sector: "bank.example"}, user), false},
		{"another person", claims.Subject(salt, &shop, user+"x"), false},
		{"another salt", claims.Subject([]byte("another salt of at least thirty-two bytes, too"), &shop, user), false},
		{
			"a sector that ends in what the userId begins with",
			claims.Subject(salt, &client.Terms{Subject: client.Pairwise, Sector: "shop.exampleQ"}, user[1:]), false,
		},
	} {
		if (row.sub == mine) != row.same {
			t.Errorf("%s: the same subject: %v, want %v", row.name, row.sub == mine, row.same)
		}
	}
	if len(mine) != 43 {
		t.Errorf("a pairwise subject has %d characters, want 43", len(mine))
	}
	if got := claims.Subject(salt, &client.Terms{Subject: client.Public}, user); got != user {
		t.Errorf("a public subject is %q, want CM's userId", got)
	}
}
