package discovery

import (
	"encoding/json"
	"slices"

	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/signed"
)

// metadata describes the provider (OpenID Connect Discovery 1.0 §3, RFC 8414
// §2, RFC 9101 §10.5, RFC 9126 §5, RFC 9207 §3, RFC 9449 §5.1, Initiating User Registration §3,
// RP-Initiated Logout §2.1, Back-Channel Logout §2.1). A member says no more
// than what the configured clients can use, or soon will, and is left out where it
// would be empty.
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

// Describe makes the discovery document for these clients and the keys that are published. Lists
// are in an order of ours, so that the same of both make the same document everywhere.
func (d *Documents) Describe(all []*client.Client) *Description {
	published := d.keys.JWKS().Algorithms
	m := metadata{
		Issuer:        d.issuer.String(),
		Authorization: d.issuer.At(d.paths.Authorize),
		Pushed:        d.issuer.At(d.paths.Push),
		Token:         d.issuer.At(d.paths.Token),
		Userinfo:      d.issuer.At(d.paths.Userinfo),
		JWKS:          d.issuer.At(JWKSPath),
		Revocation:    d.issuer.At(d.paths.Revoke),

		Scopes:           scopesOf(all),
		Claims:           d.claimNames(all),
		ClaimTypes:       []string{"normal"},
		ResponseTypes:    responseTypesOf(all),
		ResponseModes:    []string{"query", "fragment", "form_post"},
		GrantTypes:       grantTypes(all),
		Prompts:          d.promptValues(),
		SubjectTypes:     subjectTypes(all),
		ACRs:             acrs(all),
		Locales:          []string{"en", "nl", "fr", "de"},
		ChallengeMethods: []string{"S256"},

		SigningAlgorithms:  algorithms(all, published),
		UserinfoAlgorithms: userinfoAlgorithms(all),
		DPoPAlgorithms:     signatures(all, func(*client.Client) bool { return true }),

		ResponseIssuer:  !every(all, func(c *client.Client) bool { return c.WithoutIssuer }),
		ClaimsParameter: true,
	}
	m.authenticate(d, all)
	m.requests(all)
	m.logout(d, all)
	body, _ := json.Marshal(m) // strings and flags always encode
	return &Description{edge.NewDocument(body), all, published}
}

// authenticate says how the clients prove who they are.
func (m *metadata) authenticate(d *Documents, clients []*client.Client) {
	all := union(authMethods(), clients, func(c *client.Client, method string) bool { return string(c.AuthMethod) == method })
	m.TokenAuth, m.RevocationAuth = all, all
	m.IntrospectionAuth = slices.DeleteFunc(slices.Clone(all), func(method string) bool { return method == string(client.None) })
	if len(m.IntrospectionAuth) > 0 {
		m.Introspection = d.issuer.At(d.paths.Introspect)
	}
	used := signatures(clients, func(c *client.Client) bool { return c.AuthMethod == client.PrivateKeyJWT })
	m.TokenAuthAlgorithms, m.IntrospectionAlgorithms, m.RevocationAlgorithms = used, used, used
}

// requests says whose request objects are read, and from where, and how all must
// ask. RS256 is always among the algorithms (OpenID Connect Discovery §3).
func (m *metadata) requests(clients []*client.Client) {
	m.RequestAlgorithms = union(signed.Algorithms(), clients, func(c *client.Client, alg string) bool {
		return c.Keys.There() && (alg == string(keys.RS256) || slices.Contains(c.Algorithms(), alg))
	})
	m.Request = len(m.RequestAlgorithms) > 0
	m.RequirePushed = every(clients, (*client.Client).MustPush)
	m.RequireSigned = every(clients, func(c *client.Client) bool { return c.RequireSigned })
	m.RequestURI = slices.ContainsFunc(clients, func(c *client.Client) bool { return len(c.RequestURIs) > 0 })
	m.RegisteredURIs = m.RequestURI
}

// logout says what becomes of sessions, where there are some, or of a client's
// wish to log out, where it has one.
func (m *metadata) logout(d *Documents, clients []*client.Client) {
	if d.sessions || slices.ContainsFunc(clients, func(c *client.Client) bool { return len(c.PostLogoutRedirectURIs) > 0 }) {
		m.EndSession = d.issuer.At(d.paths.Logout)
	}
	m.LogoutTokens = d.sessions && slices.ContainsFunc(clients, func(c *client.Client) bool { return c.BackChannelLogoutURI != "" })
	m.LogoutTokenSID = m.LogoutTokens
}
