package claims

import (
	"strings"

	"itsme-bridge/itsme"
)

// told is what is told of a person, each claim in a field of its own: in the order of their
// names. An empty one is not told.
type told struct {
	Address             *address `json:"address,omitempty"`
	Birthdate           string   `json:"birthdate,omitempty"`
	Country             string   `json:"country,omitempty"`
	Email               string   `json:"email,omitempty"`
	EmailVerified       *bool    `json:"email_verified,omitempty"`
	FamilyName          string   `json:"family_name,omitempty"`
	Gender              string   `json:"gender,omitempty"`
	GivenName           string   `json:"given_name,omitempty"`
	Locale              string   `json:"locale,omitempty"`
	Locality            string   `json:"locality,omitempty"`
	Name                string   `json:"name,omitempty"`
	PhoneNumber         string   `json:"phone_number,omitempty"`
	PhoneNumberVerified *bool    `json:"phone_number_verified,omitempty"`
	PostalCode          string   `json:"postal_code,omitempty"`
	StreetAddress       string   `json:"street_address,omitempty"`
}

// address is the claim of OpenID Connect Core §5.1.1.
type address struct {
	Formatted     string `json:"formatted,omitempty"`
	StreetAddress string `json:"street_address,omitempty"`
	PostalCode    string `json:"postal_code,omitempty"`
	Locality      string `json:"locality,omitempty"`
	Country       string `json:"country,omitempty"`
}

// addressOf is nil where there is no address at all.
func addressOf(a *itsme.Address) *address {
	if *a == (itsme.Address{}) {
		return nil
	}
	town := strings.TrimSpace(a.PostalCode + " " + a.City)
	lines := make([]string, 0, 3)
	for _, line := range []string{a.StreetAddress, town, a.CountryCode} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return &address{strings.Join(lines, "\n"), a.StreetAddress, a.PostalCode, a.City, a.CountryCode}
}
