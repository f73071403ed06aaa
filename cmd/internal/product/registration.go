package product

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
)

// Registration is a client's entry that suits its product, and all that the other
// side has to know.
type Registration struct {
	Product Product
	Entry   Entry
	Issuer  string
	Secret  string            // plain text; empty: the client has none
	Kept    string            // where its reader finds the secret, such as: the one above
	Drawn   string            // stands for the secrets that the product keeps to itself; empty: they are drawn
	Answers map[string]string // to the product's questions, by flag
}

// MissingError is a question that was not answered.
type MissingError struct {
	Product  Product
	Question Question
}

func (e MissingError) Error() string {
	return fmt.Sprintf("--%s is missing: %s", e.Question.Flag, e.Question.Text)
}

// Complete answers what has a usual answer. The error is a MissingError for the
// first question without one, or names an answer that does not fit, or that nobody
// has asked for.
func (p Product) Complete(answers map[string]string) (map[string]string, error) {
	complete := map[string]string{}
	for _, q := range p.Asks {
		answer := strings.TrimSpace(answers[q.Flag])
		if answer == "" {
			answer = q.Usual
		}
		if answer == "" {
			return nil, MissingError{p, q}
		}
		if err := fits(answer, q); err != nil {
			return nil, err
		}
		switch q.Flag {
		case "url":
			answer = strings.TrimRight(answer, "/")
		case "tenant":
			answer = strings.TrimSuffix(answer, microsoftDomain)
		}
		complete[q.Flag] = answer
	}
	for _, flag := range slices.Sorted(maps.Keys(answers)) {
		if _, asked := complete[flag]; answers[flag] != "" && !asked {
			return nil, fmt.Errorf("--%s means nothing for %s; leave it out, and write --redirect-uri and --home if they are to be others", flag, p.Title)
		}
	}
	return complete, nil
}

// microsoftDomain is what the name of every tenant of theirs ends in.
const microsoftDomain = ".onmicrosoft.com"

var tenantName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// fits says what is wrong with an answer.
func fits(answer string, q Question) error {
	switch q.Flag {
	case "tenant", "tenant-id":
		if !tenantName.MatchString(strings.TrimSuffix(answer, microsoftDomain)) {
			return fmt.Errorf("--%s %q holds other characters than letters, digits and -; write %s", q.Flag, answer, q.Text)
		}
		return nil
	case "url":
		return fitsAsAddress(answer, q)
	default:
		return nil
	}
}

func fitsAsAddress(answer string, q Question) error {
	u, err := url.Parse(answer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("--url %q is not an address; write %s", answer, q.Text)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("--url %q is http, which others could read; write https://, or an address on this machine", answer)
	}
	return nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Suitable is an entry with which the product logs people in. sessions says
// whether browsers stay logged in at the bridge, so that a logout has something to end.
func (p Product) Suitable(answers map[string]string, sessions bool) (Entry, error) {
	e := Entry{
		Scopes:        slices.Clone(usualScopes()),
		AuthMethod:    p.authMethod(),
		PKCE:          p.pkce(),
		IDTokenClaims: p.Reads.Claims == FromIDToken || p.Needs.ClaimsInIDToken != "",
		FlatAddress:   p.Reads.FlatAddress,
		ResponseTypes: p.Sends.ResponseTypes,
	}
	if p.Name != plain {
		e.For = p.Name
	}
	if p.Name == fapi2 {
		e.Profile, e.AuthMethod = fapi2, "" // which the profile says
	}
	if p.Needs.RestartsExpired {
		e.OnExpiry = "restart"
	}
	if p.Needs.WithoutIssuer != "" {
		e.ResponseISS = new(bool)
	}
	var err error
	fill := func(template string) string {
		if template == "" || err != nil {
			return ""
		}
		var text string
		text, err = render(template, "", answers)
		return text
	}
	e.Home = cmp.Or(fill(p.Home), answers["url"])
	for _, template := range []string{p.Redirect, p.FurtherRedirect} {
		if uri := fill(template); uri != "" {
			e.RedirectURIs = append(e.RedirectURIs, uri)
		}
	}
	if uri := fill(p.PostLogout); uri != "" {
		e.PostLogoutRedirectURIs = []string{uri}
	}
	if sessions {
		e.BackChannelLogoutURI = fill(p.Needs.BackChannel)
		e.LogoutByServer = p.Needs.LogoutByServer
	}
	return e, err
}

const (
	plain = "plain"
	fapi2 = "fapi2"
)

func usualScopes() []string { return []string{"profile", "email"} }

// authMethod is what the entry says; empty: the usual one.
func (p Product) authMethod() string {
	if first := p.Sends.Methods[0]; first != client.ClientSecretBasic {
		return string(first)
	}
	return ""
}

// pkce is what the entry says: the strongest that the product can keep to; empty: required.
func (p Product) pkce() string {
	switch {
	case p.Sends.PKCE != Never:
		return ""
	case p.Sends.Nonce != Never:
		return "or_nonce"
	default:
		return "optional"
	}
}

// Settle adds to the entry what follows from the rest of it: where the product
// keeps its keys, if it signs, and what pairwise subjects are made for.
func (r Registration) Settle() (Registration, error) {
	e := &r.Entry
	if r.AuthMethod() == string(client.PrivateKeyJWT) && r.Product.JWKS != "" && e.JWKSURI == "" && e.JWKSFile == "" {
		uri, err := render(r.Product.JWKS, "", r.Answers)
		if err != nil {
			return r, err
		}
		e.JWKSURI = uri
	}
	if e.Sector == "" {
		e.Sector = sectorOf(r.Entry)
	}
	return r, nil
}

// sectorOf is what a pairwise subject is made for where the redirect URIs do
// not say it: a native application has no host of its own, and its home has.
func sectorOf(e Entry) string {
	if e.Subject == string(client.Public) || len(e.RedirectURIs) == 0 {
		return ""
	}
	for _, uri := range e.RedirectURIs {
		u, err := url.Parse(uri)
		if err != nil || (u.Scheme == "https" || u.Scheme == "http") && !client.IsOnAnyPort(uri) {
			return ""
		}
	}
	home, err := url.Parse(e.Home)
	if err != nil {
		return "" // which the configuration will complain of
	}
	return strings.ToLower(home.Hostname())
}

// Discovery is where the product finds everything else.
func (r Registration) Discovery() string { return r.Issuer + "/.well-known/openid-configuration" }

// Scopes are what the client may ask for.
func (r Registration) Scopes() []string { return append([]string{"openid"}, r.Entry.Scopes...) }

// Scope is the scope parameter that the client may send.
func (r Registration) Scope() string { return strings.Join(r.Scopes(), " ") }

// Claims are the names of what it is told of a person by that, but for the address,
// which has parts.
func (r Registration) Claims() []string {
	var names []string
	for _, row := range claims.Table() {
		if row.Scope != "address" && slices.Contains(r.Entry.Scopes, row.Scope) {
			names = append(names, row.Name)
		}
	}
	return names
}

// ClientID is the client's id.
func (r Registration) ClientID() string { return r.Entry.ID }

// AuthMethod is how the client authenticates, said or not.
func (r Registration) AuthMethod() string {
	switch {
	case r.Entry.AuthMethod != "":
		return r.Entry.AuthMethod
	case r.Entry.Profile == fapi2:
		return string(client.PrivateKeyJWT)
	default:
		return string(client.ClientSecretBasic)
	}
}
