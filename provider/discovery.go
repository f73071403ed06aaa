package provider

import (
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/provider/signed"
)

// metadata describes the provider (OpenID Connect Discovery 1.0 §3, RFC 8414
// §2, RFC 9101 §10.5, RFC 9126 §5, RFC 9207 §3, RFC 9449 §5.1, Initiating User Registration §3,
// RP-Initiated Logout §2.1, Back-Channel Logout §2.1). A member says no more
// than what the configured clients can use, and is left out where it would be
// empty.
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Pushed        string `json:"pushed_authorization_request_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	JWKS          string `json:"jwks_uri"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint"`
	EndSession    string `json:"end_session_endpoint,omitempty"`

	Scopes        []string `json:"scopes_supported"`
	Claims        []string `json:"claims_supported"`
	ClaimTypes    []string `json:"claim_types_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	ResponseModes []string `json:"response_modes_supported"`
	GrantTypes    []string `json:"grant_types_supported"`
	Prompts       []string `json:"prompt_values_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	ACRs          []string `json:"acr_values_supported,omitempty"`
	Locales       []string `json:"ui_locales_supported"`

	TokenAuth         []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	IntrospectionAuth []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	RevocationAuth    []string `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	ChallengeMethods  []string `json:"code_challenge_methods_supported"`

	SigningAlgorithms       []string `json:"id_token_signing_alg_values_supported"`
	UserinfoAlgorithms      []string `json:"userinfo_signing_alg_values_supported,omitempty"`
	RequestAlgorithms       []string `json:"request_object_signing_alg_values_supported,omitempty"`
	TokenAuthAlgorithms     []string `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	IntrospectionAlgorithms []string `json:"introspection_endpoint_auth_signing_alg_values_supported,omitempty"`
	RevocationAlgorithms    []string `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	DPoPAlgorithms          []string `json:"dpop_signing_alg_values_supported,omitempty"`

	ResponseIssuer  bool `json:"authorization_response_iss_parameter_supported"`
	ClaimsParameter bool `json:"claims_parameter_supported"`
	Request         bool `json:"request_parameter_supported"`
	RequestURI      bool `json:"request_uri_parameter_supported"` // said also when false: the default is true
	RegisteredURIs  bool `json:"require_request_uri_registration,omitempty"`
	RequirePushed   bool `json:"require_pushed_authorization_requests,omitempty"`
	RequireSigned   bool `json:"require_signed_request_object,omitempty"`
	LogoutTokens    bool `json:"backchannel_logout_supported,omitempty"`
	LogoutTokenSID  bool `json:"backchannel_logout_session_supported,omitempty"`
}

// describe makes the discovery document for these clients. Lists are in an
// order of ours, so that the same clients make the same document everywhere.
func (p *Provider) describe(clients iter.Seq[*Client]) document {
	all := slices.Collect(clients)
	m := metadata{
		Issuer:        p.config.Issuer,
		Authorization: p.at("/authorize"),
		Pushed:        p.at(parRules().path),
		Token:         p.at(tokenRules().path),
		Userinfo:      p.at(userinfoRules().path),
		JWKS:          p.at("/keys"),
		Revocation:    p.at(revokeRules().path),

		Scopes:           scopesOf(all),
		Claims:           p.claimNames(all),
		ClaimTypes:       []string{"normal"},
		ResponseTypes:    responseTypesOf(all),
		ResponseModes:    []string{"query", "fragment", "form_post"},
		GrantTypes:       grantTypes(all),
		Prompts:          p.promptValues(),
		SubjectTypes:     subjectTypes(all),
		ACRs:             acrs(all),
		Locales:          []string{"en", "nl", "fr", "de"},
		ChallengeMethods: []string{"S256"},

		SigningAlgorithms:  algorithms(all),
		UserinfoAlgorithms: userinfoAlgorithms(all),
		DPoPAlgorithms:     signatures(all, func(*Client) bool { return true }),

		ResponseIssuer:  true,
		ClaimsParameter: true,
	}
	m.authenticate(p, all)
	m.requests(all)
	m.logout(p, all)
	body, _ := json.Marshal(m) // strings and flags always encode
	return newDocument(body)
}

// authenticate says how the clients prove who they are.
func (m *metadata) authenticate(p *Provider, clients []*Client) {
	all := union(authMethods(), clients, func(c *Client, method string) bool { return string(c.AuthMethod) == method })
	m.TokenAuth, m.RevocationAuth = all, all
	m.IntrospectionAuth = slices.DeleteFunc(slices.Clone(all), func(method string) bool { return method == string(None) })
	if len(m.IntrospectionAuth) > 0 {
		m.Introspection = p.at(introspectRules().path)
	}
	used := signatures(clients, func(c *Client) bool { return c.AuthMethod == PrivateKeyJWT })
	m.TokenAuthAlgorithms, m.IntrospectionAlgorithms, m.RevocationAlgorithms = used, used, used
}

// requests says whose request objects are read, and from where, and how all must
// ask. RS256 is always among the algorithms (OpenID Connect Discovery §3).
func (m *metadata) requests(clients []*Client) {
	m.RequestAlgorithms = union(signed.Algorithms(), clients, func(c *Client, alg string) bool {
		return c.Keys.there() && (alg == string(keys.RS256) || slices.Contains(c.algorithms(), alg))
	})
	m.Request = len(m.RequestAlgorithms) > 0
	m.RequirePushed = every(clients, (*Client).mustPush)
	m.RequireSigned = every(clients, func(c *Client) bool { return c.RequireSigned })
	m.RequestURI = slices.ContainsFunc(clients, func(c *Client) bool { return len(c.RequestURIs) > 0 })
	m.RegisteredURIs = m.RequestURI
}

// logout says what becomes of sessions, where there are some, or of a client's
// wish to log out, where it has one.
func (m *metadata) logout(p *Provider, clients []*Client) {
	if p.config.Session.TTL > 0 || slices.ContainsFunc(clients, func(c *Client) bool { return len(c.PostLogoutRedirectURIs) > 0 }) {
		m.EndSession = p.at("/logout")
	}
	m.LogoutTokens = p.config.Session.TTL > 0 && slices.ContainsFunc(clients, func(c *Client) bool { return c.BackChannelLogoutURI != "" })
	m.LogoutTokenSID = m.LogoutTokens
}

// discovery is GET /.well-known/openid-configuration and its sister of RFC 8414.
func (p *Provider) discovery(w http.ResponseWriter, r *http.Request) error {
	p.publish(w, r, p.registry.Load().discovery, 5*time.Minute)
	return nil
}
