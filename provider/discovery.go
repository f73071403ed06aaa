package provider

import (
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
)

// metadata describes the provider (OpenID Connect Discovery 1.0 §3, RFC 8414
// §2, RFC 9207 §3, Initiating User Registration §3). A member says no more than
// what the configured clients can use, and is left out where it would be empty.
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	JWKS          string `json:"jwks_uri"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint"`

	Scopes            []string `json:"scopes_supported"`
	Claims            []string `json:"claims_supported"`
	ClaimTypes        []string `json:"claim_types_supported"`
	ResponseTypes     []string `json:"response_types_supported"`
	ResponseModes     []string `json:"response_modes_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	Prompts           []string `json:"prompt_values_supported"`
	SubjectTypes      []string `json:"subject_types_supported"`
	SigningAlgorithms []string `json:"id_token_signing_alg_values_supported"`
	ACRs              []string `json:"acr_values_supported,omitempty"`
	Locales           []string `json:"ui_locales_supported"`

	TokenAuth         []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	IntrospectionAuth []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	RevocationAuth    []string `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	ChallengeMethods  []string `json:"code_challenge_methods_supported"`

	ResponseIssuer  bool `json:"authorization_response_iss_parameter_supported"`
	ClaimsParameter bool `json:"claims_parameter_supported"`
	Request         bool `json:"request_parameter_supported"`
	RequestURI      bool `json:"request_uri_parameter_supported"` // said also when false: the default is true
}

// describe makes the discovery document for these clients. Lists are in an
// order of ours, so that the same clients make the same document everywhere.
func (p *Provider) describe(clients iter.Seq[*Client]) document {
	all := slices.Collect(clients)
	auth := union([]string{string(ClientSecretBasic), string(ClientSecretPost), string(None)}, all,
		func(c *Client, method string) bool { return string(c.AuthMethod) == method })
	m := metadata{
		Issuer:        p.config.Issuer,
		Authorization: p.at("/authorize"),
		Token:         p.at(tokenRules().path),
		Userinfo:      p.at(userinfoRules().path),
		JWKS:          p.at("/keys"),
		Revocation:    p.at(revokeRules().path),

		Scopes:            scopesOf(all),
		Claims:            claimNames(all),
		ClaimTypes:        []string{"normal"},
		ResponseTypes:     []string{"code"},
		ResponseModes:     []string{"query", "fragment", "form_post"},
		GrantTypes:        []string{"authorization_code"},
		Prompts:           []string{"login", "consent", "select_account", "create"},
		SubjectTypes:      subjectTypes(all),
		SigningAlgorithms: algorithms(all),
		ACRs:              acrs(all),
		Locales:           []string{"en", "nl", "fr", "de"},

		TokenAuth:         auth,
		IntrospectionAuth: slices.DeleteFunc(slices.Clone(auth), func(method string) bool { return method == string(None) }),
		RevocationAuth:    auth,
		ChallengeMethods:  []string{"S256"},

		ResponseIssuer: true,
	}
	if len(m.IntrospectionAuth) > 0 {
		m.Introspection = p.at(introspectRules().path)
	}
	body, _ := json.Marshal(m) // strings and flags always encode
	return newDocument(body)
}

// discovery is GET /.well-known/openid-configuration and its sister of RFC 8414.
func (p *Provider) discovery(w http.ResponseWriter, r *http.Request) error {
	p.publish(w, r, p.registry.Load().discovery, 5*time.Minute)
	return nil
}

// union are those of the candidates that some client has, in the candidates' order.
func union(candidates []string, clients []*Client, has func(*Client, string) bool) []string {
	var found []string
	for _, candidate := range candidates {
		if slices.ContainsFunc(clients, func(c *Client) bool { return has(c, candidate) }) {
			found = append(found, candidate)
		}
	}
	return found
}

// scopesOf: openid goes without saying.
func scopesOf(clients []*Client) []string {
	rest := slices.DeleteFunc(supportedScopes(), func(scope string) bool { return scope == "openid" })
	return append([]string{"openid"}, union(rest, clients, (*Client).mayAsk)...)
}

func subjectTypes(clients []*Client) []string {
	found := union([]string{string(Pairwise), string(Public)}, clients,
		func(c *Client, subject string) bool { return string(c.Subject) == subject })
	if len(found) == 0 {
		return []string{string(Pairwise)} // the member is required
	}
	return found
}

// algorithms: RS256 is always there (OpenID Connect Discovery §3).
func algorithms(clients []*Client) []string {
	found := []string{string(keys.RS256)}
	for _, c := range clients {
		if c.SigningAlg != "" && !slices.Contains(found, string(c.SigningAlg)) {
			found = append(found, string(c.SigningAlg))
		}
	}
	slices.Sort(found[1:])
	return found
}

func acrs(clients []*Client) []string {
	var found []string
	for _, c := range clients {
		if c.ACR != "" {
			found = append(found, c.ACR)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// claimNames are the claims that some client can receive: it asks the table of
// claims what it would tell of a person of whom everything is known.
func claimNames(clients []*Client) []string {
	names := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}
	if slices.ContainsFunc(clients, func(c *Client) bool { return c.ACR != "" }) {
		names = append(names, "acr")
	}
	if slices.ContainsFunc(clients, func(c *Client) bool { return len(c.AMR) > 0 }) {
		names = append(names, "amr")
	}
	person := &itsme.Identity{
		GivenName: "x", FamilyName: "x", FullName: "x", Gender: "x", Birthdate: "x", Locale: "x", PhoneNumber: "x", EmailAddress: "x",
		Address: itsme.Address{StreetAddress: "x", PostalCode: "x", City: "x", CountryCode: "x"},
	}
	for _, row := range table() {
		told := func(c *Client) bool {
			value := row.from(person, &c.Terms)
			return c.mayAsk(row.scope) && value != nil && value != ""
		}
		if slices.ContainsFunc(clients, told) {
			names = append(names, row.name)
		}
	}
	return names
}
