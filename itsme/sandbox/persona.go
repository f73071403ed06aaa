package sandbox

import "itsme-bridge/itsme"

// The names of the personas.
const (
	Full      = "full"       // has everything
	NoAddress = "no-address" // has no address
	NoEmail   = "no-email"   // has neither e-mail nor given name
	Foreign   = "foreign"    // is not Belgian, and has no gender
)

// Persona is a person who approves.
type Persona struct {
	Name     string
	Title    string // as the page presents them
	Identity itsme.Identity

	absence absence
}

// absence is how an answer shows what a person has not got. CM does not say, so
// the personas differ.
type absence int

const (
	left    absence = iota // the member is left out
	asNull                 // it is null
	asEmpty                // it is ""
)

// Personas are all there are. Full is CM's own example.
func Personas() []Persona {
	return []Persona{
		{Name: Full, Title: "Lucas Maes, who has everything", Identity: itsme.Identity{
			UserID: "QC1JJ6AgPTnDWTP3p6p3S1kMzPkLCVN41vzfaTxw", GivenName: "Lucas", FamilyName: "Maes", FullName: "Lucas Maes",
			Gender: "male", Birthdate: "1974-01-31", Locale: "nl", PhoneNumber: "+32471234567", EmailAddress: "lucas.maes@example.com",
			Address: itsme.Address{StreetAddress: "Rue Neuve 1", PostalCode: "1000", City: "Bruxelles", CountryCode: "BE"},
		}},
		{Name: NoAddress, Title: "Amélie Dubois, without an address", Identity: itsme.Identity{
			UserID: "n0Addr7pWq2LhXv5cYt9RzKd3BmGfJs8EuNaVxTi", GivenName: "Amélie", FamilyName: "Dubois", FullName: "Amélie Dubois",
			Gender: "female", Birthdate: "1989-11-05", Locale: "fr", PhoneNumber: "+32472345678", EmailAddress: "amelie.dubois@example.com",
		}},
		{Name: NoEmail, Title: "Wouters, without e-mail or given name", absence: asNull, Identity: itsme.Identity{
			UserID: "n0Mail4sZk8VbRy1QxHw6TjPe2CgLoDu9FiMnXcA", FamilyName: "Wouters", FullName: "Wouters",
			Gender: "male", Birthdate: "1962-07-19", Locale: "nl", PhoneNumber: "+32473456789",
			Address: itsme.Address{StreetAddress: "Grote Markt 7\nbus 3", PostalCode: "2000", City: "Antwerpen", CountryCode: "BE"},
		}},
		{Name: Foreign, Title: "Sanne de Vries, from the Netherlands", absence: asEmpty, Identity: itsme.Identity{
			UserID: "f0reigN2uTc7JwKq5ZbXs9LvYh3RdPm8GaEoSiBn", GivenName: "Sanne", FamilyName: "de Vries", FullName: "Sanne de Vries",
			Birthdate: "1995-02-28", Locale: "en", PhoneNumber: "+31612345678", EmailAddress: "sanne.devries@example.nl",
			Address: itsme.Address{StreetAddress: "Keizersgracht 241", PostalCode: "1016 EA", City: "Amsterdam", CountryCode: "NL"},
		}},
	}
}

// Values are all texts of a person that may be found nowhere but where they
// belong: what a test searches logs and URLs for. Words that many things share
// (a gender, a language, a country, a postal code of four digits) are not among them.
func (p Persona) Values() []string {
	i := p.Identity
	var values []string
	for _, value := range []string{
		i.UserID, i.GivenName, i.FamilyName, i.FullName, i.Birthdate, i.PhoneNumber, i.EmailAddress,
		i.Address.StreetAddress, i.Address.City,
	} {
		if value != "" {
			values = append(values, value)
		}
	}
	return values
}

// personaNamed finds a persona; the empty name is Full.
func personaNamed(name string) (Persona, bool) {
	for _, p := range Personas() {
		if p.Name == name || name == "" {
			return p, true
		}
	}
	return Persona{}, false
}
