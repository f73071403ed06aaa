package claims

import (
	"encoding/json"
	"fmt"
	"slices"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
)

// Row is a row of the one table that says what may be told to whom:
// scope → claim ← CM attribute (OpenID Connect Core §5.1 and §5.4).
type Row struct {
	Scope string
	Name  string
	tell  func(*told, *itsme.Identity, *client.Terms) // nothing, where the person has none: then there is no such claim
}

// Has reports whether there is such a claim of a person.
func (row *Row) Has(i *itsme.Identity, t *client.Terms) bool {
	var claim told
	row.tell(&claim, i, t)
	return claim != told{}
}

// Table is all of it.
func Table() []Row { return slices.Clone(table) }

var table = []Row{ // read only
	{"profile", "name", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Name = i.FullName }},
	{"profile", "given_name", func(to *told, i *itsme.Identity, _ *client.Terms) { to.GivenName = i.GivenName }},
	{"profile", "family_name", func(to *told, i *itsme.Identity, _ *client.Terms) { to.FamilyName = i.FamilyName }},
	{"profile", "gender", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Gender = i.Gender }},
	{"profile", "birthdate", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Birthdate = i.Birthdate }},
	{"profile", "locale", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Locale = i.Locale }},
	{"email", "email", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Email = i.EmailAddress }},
	{"email", "email_verified", func(to *told, i *itsme.Identity, t *client.Terms) {
		to.EmailVerified = with(i.EmailAddress, &t.EmailVerified)
	}},
	{"phone", "phone_number", func(to *told, i *itsme.Identity, _ *client.Terms) { to.PhoneNumber = i.PhoneNumber }},
	{"phone", "phone_number_verified", func(to *told, i *itsme.Identity, t *client.Terms) {
		to.PhoneNumberVerified = with(i.PhoneNumber, &t.PhoneNumberVerified)
	}},
	{"address", "address", func(to *told, i *itsme.Identity, _ *client.Terms) { to.Address = addressOf(&i.Address) }},
	{"address", "street_address", func(to *told, i *itsme.Identity, t *client.Terms) {
		to.StreetAddress = flat(t, i.Address.StreetAddress)
	}},
	{"address", "postal_code", func(to *told, i *itsme.Identity, t *client.Terms) { to.PostalCode = flat(t, i.Address.PostalCode) }},
	{"address", "locality", func(to *told, i *itsme.Identity, t *client.Terms) { to.Locality = flat(t, i.Address.City) }},
	{"address", "country", func(to *told, i *itsme.Identity, t *client.Terms) { to.Country = flat(t, i.Address.CountryCode) }},
}

// with is a flag that is there when what it speaks of is, also when it is false.
func with(value string, flag *bool) *bool {
	if value == "" {
		return nil
	}
	return flag
}

// flat is an address claim of its own, for consumers that read only strings.
func flat(t *client.Terms, value string) string {
	if !t.FlatAddress {
		return ""
	}
	return value
}

// Of are the claims of a person that are told, as a JSON object without
// sub; nothing where there are none. What is absent at CM is absent here.
func Of(i *itsme.Identity, t *client.Terms, may func(Row) bool) (json.RawMessage, error) {
	var claims told
	for _, row := range table {
		if may(row) {
			row.tell(&claims, i, t)
		}
	}
	if claims == (told{}) {
		return nil, nil
	}
	encoded, err := json.Marshal(&claims)
	if err != nil {
		return nil, fmt.Errorf("provider: encode claims: %w", err)
	}
	return encoded, nil
}

// ScopeOf is the scope that a claim belongs to; empty for no claim of ours.
func ScopeOf(name string) string {
	for _, row := range table {
		if row.Name == name {
			return row.Scope
		}
	}
	return ""
}
