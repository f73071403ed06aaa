package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

// readClient reads one entry of clients.
func readClient(s document.Section, usual defaults, about situation) client.Client {
	c := client.Client{FAPI2: readProfile(s.Value("profile"))}
	c.Terms = readTerms(s, usual, c.FAPI2)
	readAuthentication(s, &c, about)
	readRequests(s, &c, about)
	c.Keys = readClientKeys(s, &c, about)
	c.RedirectURIs = readRedirectURIs(s, c.IsPublic())
	c.Sector = readSector(s, &c)
	c.Scopes = readScopes(s)
	c.UserinfoAlg = readAlgorithm(s.Value("userinfo_signed_response_alg"), "")
	readLogout(s, &c, about)
	if look := readClientLook(s.Section("pages"), c.Name); about.looks != nil && s.Has("pages") {
		about.looks[c.ID] = look
	}
	token, at := s.Secret("itsme_token")
	c.MerchantToken = readToken(token, at, about)
	checkProfile(s, &c, about)
	checkRefresh(s.Value("scopes"), &c)
	checkExpiry(s.Value("on_expiry"), &c)
	checkProduct(s, &c, about)
	return c
}

// readTerms reads what a login keeps of its client.
func readTerms(s document.Section, usual defaults, fapi2 bool) client.Terms {
	usualAlg := keys.RS256
	if fapi2 {
		usualAlg = keys.PS256
	}
	choice := func(key, fallback string, others ...string) string {
		return s.Value(key).Choice(fallback, append([]string{fallback}, others...)...)
	}
	flag := func(key string) bool { return s.Value(key).Flag(false) }
	return client.Terms{
		ID:   readID(s),
		Name: readName(s),
		Home: readHome(s),

		Service:  itsme.Service(choice("service", string(itsme.Login), string(itsme.Register))),
		Locale:   readLocale(s, usual.locale),
		Deadline: readDeadline(s.Value("deadline"), usual.deadline),

		Subject:       client.SubjectType(choice("subject", string(client.Pairwise), string(client.Public))),
		SigningAlg:    readAlgorithm(s.Value("signing_alg"), usualAlg),
		IDTokenClaims: flag("id_token_claims"),
		FlatAddress:   flag("flat_address"),

		EmailVerified:       flag("email_verified"),
		PhoneNumberVerified: flag("phone_number_verified"),
		ACR:                 readACR(s.Value("acr")),
		ACRAliases:          readACRAliases(s),
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
		scope, known, ok := item.Among("openid", "profile", "email", "phone", "address", "offline_access")
		switch {
		case !ok || scope == "" || scope == "openid": // complained of; goes without saying
		case known:
			scopes = append(scopes, scope)
		default:
			item.Wrong("is %s, and itsme knows profile, email, phone and address; write one of them, or offline_access for refresh tokens", item.Quoted())
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

// readACRAliases reads other names for the client's acr.
func readACRAliases(s document.Section) []string {
	v, acr := s.Value("acr_aliases"), s.Value("acr")
	if v.There() && !acr.There() {
		v.Wrong("stands without acr, which they would be other names for; write that, or leave this out")
	}
	var aliases []string
	for _, item := range v.Items() {
		alias := readACR(item)
		if alias != "" && (alias == acr.Text() || slices.Contains(aliases, alias)) {
			item.Wrong("is given twice; keep it once")
		}
		aliases = append(aliases, alias)
	}
	return aliases
}

// readAlgorithm reads what is signed with.
func readAlgorithm(v document.Value, usual keys.Algorithm) keys.Algorithm {
	return keys.Algorithm(v.Choice(string(usual), string(keys.RS256), string(keys.PS256), string(keys.ES256), string(keys.EdDSA)))
}

// checkExpiry: it is a click on our page that restarts, and there is none.
func checkExpiry(v document.Value, c *client.Client) {
	if c.RestartExpired && c.RedirectFailures {
		v.Warn("has no effect with on_failure: redirect, where nobody sees the page whose \"try again\" restarts; write on_failure: page, or leave this out")
	}
}

// checkRefresh: a refresh token comes with a code (OpenID Connect Core §11).
func checkRefresh(scopes document.Value, c *client.Client) {
	if !slices.Contains(c.Scopes, "offline_access") {
		return
	}
	if !slices.ContainsFunc(c.ResponseTypes, func(t string) bool { return strings.Contains(t, "code") }) {
		scopes.Wrong("has offline_access, which is of no use without code among the response_types; leave it out, or add code there")
	}
	if c.AuthMethod == client.None && !c.RequireDPoP {
		scopes.Warn("has offline_access, and whoever steals a refresh token of a client without a secret can use it until the application does; " +
			"dpop_bound_access_tokens: true binds it to the application's key (RFC 9700 §4.14.2)")
	}
}
