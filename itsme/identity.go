package itsme

import "time"

// Identity is a person as CM tells of them. Only UserID is certain to be there;
// what else is depends on the scopes, on the person and on CM. An absent field
// is empty. It prints as redacted.
type Identity struct {
	UserID       string // unique per person, the same in every transaction
	GivenName    string
	FamilyName   string
	FullName     string
	Gender       string // male, female
	Birthdate    string // YYYY-MM-DD
	Locale       string // en, nl, fr, de
	PhoneNumber  string // E.164
	EmailAddress string
	Address      Address
}

// Address is where a person lives. It prints as redacted.
type Address struct {
	StreetAddress string // may be several lines
	PostalCode    string
	City          string
	CountryCode   string // ISO 3166-1 alpha-2
}

// identity reads the user fields of a status answer. A field of another type
// than documented is left out and the others are kept: they come only once.
func (f *fields) identity() Identity {
	name, address := f.object("name"), f.object("address")
	return Identity{
		UserID:       f.exactText("userId"),
		GivenName:    name.text("givenName"),
		FamilyName:   name.text("familyName"),
		FullName:     name.text("fullName"),
		Gender:       f.text("gender"),
		Birthdate:    f.date("birthdate"),
		Locale:       f.text("locale"),
		PhoneNumber:  f.text("phoneNumber"),
		EmailAddress: f.text("emailAddress"),
		Address: Address{
			StreetAddress: address.text("streetAddress"),
			PostalCode:    address.text("postalCode"),
			City:          address.text("city"),
			CountryCode:   address.text("countryCode"),
		},
	}
}

// date reads a birth date. OpenID Connect Core §5.1 allows clients to rely on
// its form, so another form is dropped and not passed on.
func (f *fields) date(name string) string {
	text := f.text(name)
	if text == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		f.drop(name)
		return ""
	}
	return text
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
