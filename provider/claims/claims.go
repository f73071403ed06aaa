package claims

import (
	"encoding/json"
	"fmt"
	"strings"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
)

// Row is a row of the one table that says what may be told to whom:
// scope → claim ← CM attribute (OpenID Connect Core §5.1 and §5.4).
type Row struct {
	Scope string
	Name  string
	from  func(*itsme.Identity, *client.Terms) any // nil or "": the person has none, so there is no such claim
}

// Of is the claim's value for a person; it is not ok where there is no such claim.
func (row *Row) Of(i *itsme.Identity, t *client.Terms) (value any, ok bool) {
	value = row.from(i, t)
	return value, value != nil && value != ""
}

// Table is all of it.
func Table() []Row {
	return []Row{
		{"profile", "name", func(i *itsme.Identity, _ *client.Terms) any { return i.FullName }},
		{"profile", "given_name", func(i *itsme.Identity, _ *client.Terms) any { return i.GivenName }},
		{"profile", "family_name", func(i *itsme.Identity, _ *client.Terms) any { return i.FamilyName }},
		{"profile", "gender", func(i *itsme.Identity, _ *client.Terms) any { return i.Gender }},
		{"profile", "birthdate", func(i *itsme.Identity, _ *client.Terms) any { return i.Birthdate }},
		{"profile", "locale", func(i *itsme.Identity, _ *client.Terms) any { return i.Locale }},
		{"email", "email", func(i *itsme.Identity, _ *client.Terms) any { return i.EmailAddress }},
		{"email", "email_verified", func(i *itsme.Identity, t *client.Terms) any { return with(i.EmailAddress, t.EmailVerified) }},
		{"phone", "phone_number", func(i *itsme.Identity, _ *client.Terms) any { return i.PhoneNumber }},
		{"phone", "phone_number_verified", func(i *itsme.Identity, t *client.Terms) any { return with(i.PhoneNumber, t.PhoneNumberVerified) }},
		{"address", "address", func(i *itsme.Identity, _ *client.Terms) any { return addressClaim(i.Address) }},
		{"address", "street_address", func(i *itsme.Identity, t *client.Terms) any { return flat(t, i.Address.StreetAddress) }},
		{"address", "postal_code", func(i *itsme.Identity, t *client.Terms) any { return flat(t, i.Address.PostalCode) }},
		{"address", "locality", func(i *itsme.Identity, t *client.Terms) any { return flat(t, i.Address.City) }},
		{"address", "country", func(i *itsme.Identity, t *client.Terms) any { return flat(t, i.Address.CountryCode) }},
	}
}

// with is a flag that is there when what it speaks of is, also when it is false.
func with(value string, flag bool) any {
	if value == "" {
		return nil
	}
	return flag
}

// flat is an address claim of its own, for consumers that read only strings.
func flat(t *client.Terms, value string) any {
	if !t.FlatAddress {
		return nil
	}
	return value
}

// Of are the claims of a person that are told, as a JSON object without
// sub; nothing where there are none. What is absent at CM is absent here.
func Of(i *itsme.Identity, t *client.Terms, told func(Row) bool) (json.RawMessage, error) {
	claims := map[string]any{}
	for _, row := range Table() {
		if !told(row) {
			continue
		}
		if value, ok := row.Of(i, t); ok {
			claims[row.Name] = value
		}
	}
	if len(claims) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("provider: encode claims: %w", err)
	}
	return encoded, nil
}

// addressClaim is OpenID Connect Core §5.1.1; nil where there is no address at all.
func addressClaim(a itsme.Address) any {
	if a == (itsme.Address{}) {
		return nil
	}
	town := strings.TrimSpace(a.PostalCode + " " + a.City)
	lines := make([]string, 0, 3)
	for _, line := range []string{a.StreetAddress, town, a.CountryCode} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return struct {
		Formatted     string `json:"formatted,omitempty"`
		StreetAddress string `json:"street_address,omitempty"`
		PostalCode    string `json:"postal_code,omitempty"`
		Locality      string `json:"locality,omitempty"`
		Country       string `json:"country,omitempty"`
	}{strings.Join(lines, "\n"), a.StreetAddress, a.PostalCode, a.City, a.CountryCode}
}

// ScopeOf is the scope that a claim belongs to; empty for no claim of ours.
func ScopeOf(name string) string {
	for _, row := range Table() {
		if row.Name == name {
			return row.Scope
		}
	}
	return ""
}
