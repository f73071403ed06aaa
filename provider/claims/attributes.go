package claims

import (
	"slices"

	"itsme-bridge/itsme"
)

// Attributes are what claims of a person are made of, by the names of those
// claims that say nothing else.
type Attributes map[string]string

// attributes leads to where an identity has them.
func attributes(i *itsme.Identity) map[string]*string {
	return map[string]*string{
		"name":           &i.FullName,
		"given_name":     &i.GivenName,
		"family_name":    &i.FamilyName,
		"gender":         &i.Gender,
		"birthdate":      &i.Birthdate,
		"locale":         &i.Locale,
		"email":          &i.EmailAddress,
		"phone_number":   &i.PhoneNumber,
		"street_address": &i.Address.StreetAddress,
		"postal_code":    &i.Address.PostalCode,
		"locality":       &i.Address.City,
		"country":        &i.Address.CountryCode,
	}
}

// AttributesFor are those of which the granted claims are made. Whether one is
// verified is told only where there is one.
func AttributesFor(granted []string, i *itsme.Identity) Attributes {
	kept := Attributes{}
	for name, value := range attributes(i) {
		whole := ScopeOf(name) == "address" && slices.Contains(granted, "address")
		if *value != "" && (whole || slices.Contains(granted, name) || slices.Contains(granted, name+"_verified")) {
			kept[name] = *value
		}
	}
	return kept
}

// Person is who has the attributes, as CM would tell of them again.
func (a Attributes) Person(userID string) *itsme.Identity {
	i := &itsme.Identity{UserID: userID}
	for name, value := range attributes(i) {
		*value = a[name]
	}
	return i
}
