package app

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"itsme-bridge/cmd/internal/app/document"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
)

// readClient reads one entry of clients.
func readClient(s document.Section, usual defaults, about situation) provider.Client {
	c := provider.Client{Terms: readTerms(s, usual)}
	readAuthentication(s, &c, about)
	c.RedirectURIs = readRedirectURIs(s)
	c.Sector = readSector(s, c.Subject, c.RedirectURIs)
	c.Scopes = readScopes(s)
	token, at := s.Secret("itsme_token")
	c.MerchantToken = readToken(token, at, about)
	return c
}

// readTerms reads what a login keeps of its client.
func readTerms(s document.Section, usual defaults) provider.Terms {
	choice := func(key, fallback string, others ...string) string {
		return s.Value(key).Choice(fallback, append([]string{fallback}, others...)...)
	}
	flag := func(key string) bool { return s.Value(key).Flag(false) }
	return provider.Terms{
		ID:   readID(s),
		Name: readName(s),
		Home: readHome(s),

		Service:  itsme.Service(choice("service", string(itsme.Login), string(itsme.Register))),
		Locale:   readLocale(s, usual.locale),
		Deadline: readDeadline(s.Value("deadline"), usual.deadline),

		Subject:       provider.SubjectType(choice("subject", string(provider.Pairwise), string(provider.Public))),
		SigningAlg:    keys.Algorithm(choice("signing_alg", string(keys.RS256), string(keys.PS256), string(keys.ES256), string(keys.EdDSA))),
		IDTokenClaims: flag("id_token_claims"),
		FlatAddress:   flag("flat_address"),

		EmailVerified:       flag("email_verified"),
		PhoneNumberVerified: flag("phone_number_verified"),
		ACR:                 readACR(s.Value("acr")),
		AMR:                 s.Value("amr").Texts(),

		RedirectFailures: choice("on_failure", "page", "redirect") == "redirect",
		RestartExpired:   choice("on_expiry", "deny", "restart") == "restart",
	}
}

func readID(s document.Section) string {
	s.Missing("id", "write the client_id that the application is known by")
	v := s.Value("id")
	id, ok := v.Read()
	if ok && (id == "" || len(id) > 128 || strings.ContainsFunc(id, unfit)) {
		v.Wrong("%s is not up to 128 letters, digits and signs such as - . _ : /; write such as keycloak", v.Quoted())
	}
	return id
}

func readName(s document.Section) string {
	s.Missing("name", "write the application's name, as people know it; our pages show it")
	v := s.Value("name")
	name, ok := v.Read()
	if ok && (strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > 100 || strings.ContainsFunc(name, unicode.IsControl)) {
		v.Wrong("is not a name of up to 100 characters on one line; write the application's, as people know it")
	}
	return name
}

func readHome(s document.Section) string {
	s.Missing("home", "write where people go when nothing else is left, such as https://www.example.be/")
	v := s.Value("home")
	address(v, webOrNative())
	return v.Text()
}

// readScopes insists on an answer: a client without scopes learns who logs in,
// and nothing about them.
func readScopes(s document.Section) []string {
	s.Missing("scopes", "list what the client may ask for, of profile, email, phone and address; [] for the subject alone")
	scopes := make([]string, 0)
	for _, item := range s.Value("scopes").Items() {
		switch scope := item.Text(); scope {
		case "", "openid": // complained of; goes without saying
		case "profile", "email", "phone", "address":
			scopes = append(scopes, scope)
		default:
			item.Wrong("is %s, and itsme knows profile, email, phone and address; write one of them", item.Quoted())
		}
	}
	return scopes
}

// readACR: acr_values separates by spaces (OpenID Connect Core §3.1.2.1).
func readACR(v document.Value) string {
	acr := v.Text()
	if strings.ContainsFunc(acr, unfit) {
		v.Wrong("%s holds a space or the like; write one word or URI", v.Quoted())
	}
	return acr
}
