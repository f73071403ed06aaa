package itsme

import (
	"cmp"
	"strings"
)

// Identity is a person as CM tells of them. Only UserID is certain to be there;
// what else is depends on the scopes, on the person and on CM. An absent field
// is empty. It prints as redacted.
type Identity struct {
	UserID       string // unique per person, the same in every transaction
	GivenName    string
	FamilyName   string
	FullName     string // where CM gives none, of the other two
	Gender       string // male, female
	Birthdate    string // YYYY-MM-DD, or YYYY
	Locale       string // en, nl, fr, de
	PhoneNumber  string // E.164
	EmailAddress string
	Address      Address
}

// Address is where a person lives. It prints as redacted.
type Address struct {
	StreetAddress string // may be several lines; all of an address that CM gives as one text
	PostalCode    string
	City          string
	CountryCode   string // ISO 3166-1 alpha-2
}

// identity reads the user fields of a status answer. What nobody can read is left
// out, and the others are kept: they come only once.
func (f *fields) identity() Identity {
	name, fullName := f.objectOrText("name")
	address, street := f.objectOrText("address")
	i := Identity{
		UserID:       f.exactText("userId"),
		GivenName:    name.text("givenName"),
		FamilyName:   name.text("familyName"),
		FullName:     cmp.Or(fullName, name.text("fullName")),
		Gender:       strings.ToLower(f.text("gender")),
		Birthdate:    f.date("birthdate"),
		Locale:       localeOf(f.text("locale")),
		PhoneNumber:  phoneOf(f.number("phoneNumber")),
		EmailAddress: f.text("emailAddress"),
		Address: Address{
			StreetAddress: cmp.Or(street, address.text("streetAddress")),
			PostalCode:    address.number("postalCode"),
			City:          address.text("city"),
			CountryCode:   countryOf(address.text("countryCode")),
		},
	}
	if i.FullName == "" {
		i.FullName = strings.TrimSpace(i.GivenName + " " + i.FamilyName)
	}
	return i
}

// isUserID reports whether text can be a subject: OpenID Connect Core §8 asks
// for at most 255 ASCII characters.
func isUserID(text string) bool { return len(text) <= 255 && isVisible(text) }

// isToken reports whether text can be a transaction token and a segment of a path.
func isToken(text string) bool {
	return text != "" && text != "." && text != ".." && len(text) <= 1024 && isVisible(text)
}

// isVisible reports whether text is printable ASCII without spaces.
func isVisible(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
