package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"itsme-bridge/itsme"
)

// claim is a row of the one table that says what may be told to whom:
// scope → claim ← CM attribute (OpenID Connect Core §5.1 and §5.4).
type claim struct {
	scope string
	name  string
	from  func(*itsme.Identity, *Terms) any // nil or "": the person has none, so there is no such claim
}

func table() []claim {
	return []claim{
		{"profile", "name", func(i *itsme.Identity, _ *Terms) any { return i.FullName }},
		{"profile", "given_name", func(i *itsme.Identity, _ *Terms) any { return i.GivenName }},
		{"profile", "family_name", func(i *itsme.Identity, _ *Terms) any { return i.FamilyName }},
		{"profile", "gender", func(i *itsme.Identity, _ *Terms) any { return i.Gender }},
		{"profile", "birthdate", func(i *itsme.Identity, _ *Terms) any { return i.Birthdate }},
		{"profile", "locale", func(i *itsme.Identity, _ *Terms) any { return i.Locale }},
		{"email", "email", func(i *itsme.Identity, _ *Terms) any { return i.EmailAddress }},
		{"email", "email_verified", func(i *itsme.Identity, t *Terms) any { return with(i.EmailAddress, t.EmailVerified) }},
		{"phone", "phone_number", func(i *itsme.Identity, _ *Terms) any { return i.PhoneNumber }},
		{"phone", "phone_number_verified", func(i *itsme.Identity, t *Terms) any { return with(i.PhoneNumber, t.PhoneNumberVerified) }},
		{"address", "address", func(i *itsme.Identity, _ *Terms) any { return addressClaim(i.Address) }},
		{"address", "street_address", flat(func(a itsme.Address) string { return a.StreetAddress })},
		{"address", "postal_code", flat(func(a itsme.Address) string { return a.PostalCode })},
		{"address", "locality", flat(func(a itsme.Address) string { return a.City })},
		{"address", "country", flat(func(a itsme.Address) string { return a.CountryCode })},
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
func flat(of func(itsme.Address) string) func(*itsme.Identity, *Terms) any {
	return func(i *itsme.Identity, t *Terms) any {
		if !t.FlatAddress {
			return nil
		}
		return of(i.Address)
	}
}

// claimsOf are the claims of a person that are told, as a JSON object without
// sub; nothing where there are none. What is absent at CM is absent here.
func claimsOf(i *itsme.Identity, t *Terms, told func(claim) bool) (json.RawMessage, error) {
	claims := map[string]any{}
	for _, row := range table() {
		if !told(row) {
			continue
		}
		if value := row.from(i, t); value != nil && value != "" {
			claims[row.name] = value
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

// inUserinfo reports whether the request was granted a claim there: by its
// scope, or by its name (OpenID Connect Core §5.4, §5.5). Nothing is kept for
// userinfo where no access token is issued to ask it with.
func (q *Request) inUserinfo(c claim) bool {
	return q.wantsCode() && (q.allows(c.scope) || slices.Contains(q.UserinfoClaims, c.name))
}

// inIDToken reports so of the ID token. The claims of scopes stand there where
// the client's entry says so, or where no access token is issued (§5.4).
func (q *Request) inIDToken(t *Terms) func(claim) bool {
	scopes := t.IDTokenClaims || !q.wantsCode()
	return func(c claim) bool {
		return scopes && q.allows(c.scope) || slices.Contains(q.IDTokenClaims, c.name)
	}
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

// offlineAccess asks for refresh tokens (OpenID Connect Core §11).
const offlineAccess = "offline_access"

// supportedScopes are the scopes that mean something here.
func supportedScopes() []string {
	return []string{"openid", "profile", "email", "phone", "address", offlineAccess}
}

// upstreamScopes are a request's scopes in CM's words, one to one, and those of
// the claims that it names.
func upstreamScopes(q *Request) []itsme.Scope {
	scopes := make([]itsme.Scope, 0, len(q.Scopes))
	for _, scope := range q.Scopes {
		if scope != "openid" && scope != offlineAccess {
			scopes = append(scopes, itsme.Scope(scope))
		}
	}
	for _, name := range slices.Concat(q.UserinfoClaims, q.IDTokenClaims) {
		if scope := itsme.Scope(scopeOf(name)); !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// scopeOf is the scope that a claim belongs to; empty for no claim of ours.
func scopeOf(name string) string {
	for _, row := range table() {
		if row.name == name {
			return row.scope
		}
	}
	return ""
}
