package client

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider/oauth"
)

// Client is a relying party as the operator registered it (OpenID Connect Registration 1.0 §2).
type Client struct {
	Terms

	AuthMethod    AuthMethod // the one method that is accepted at the token endpoint
	SecretHashes  [][32]byte // SHA-256 of each secret that is valid now: two while one is being replaced
	Keys          Keys       // of its assertions and request objects
	RedirectURIs  []string   // see MayRedirectTo
	ResponseTypes []string   // each with its words in alphabetical order; none: code
	Scopes        []string   // what the client may ask for; openid goes without saying
	PKCE          PKCE       // whether a request must bring a code_challenge
	WithoutIssuer bool       // its authorization responses have no iss
	Introspect    bool       // may introspect every token, not only its own
	MerchantToken string     // CM's token for this client; empty: the deployment's

	RequestURIs   []string // what the address of a request object may begin with (RFC 9101 §5.2)
	RequirePushed bool     // require_pushed_authorization_requests (RFC 9126 §6)
	RequireSigned bool     // require_signed_request_object (RFC 9101 §10.5)
	RequireDPoP   bool     // dpop_bound_access_tokens (RFC 9449 §5.2)
	FAPI2         bool     // all rules of the FAPI 2.0 Security Profile; implies the first and the third of these

	PostLogoutRedirectURIs []string       // compared character by character (RP-Initiated Logout §3.1)
	BackChannelLogoutURI   string         // where it hears of logouts (Back-Channel Logout §2.2)
	LogoutByServer         bool           // its server may end the session of an ID token of its own, without a browser
	UserinfoAlg            keys.Algorithm // userinfo_signed_response_alg; empty: userinfo is plain JSON
}

// Keys are the public keys of a client: registered as they are, or by
// the address of a set that it keeps itself (OpenID Connect Registration 1.0 §2).
type Keys struct {
	Set []jose.JSONWebKey // jwks
	URI string            // jwks_uri
}

// Terms are what a login keeps of its client from beginning to end, whatever
// becomes of the configuration in between. They are stored with the login.
type Terms struct {
	ID   string `json:"id"`
	Name string `json:"name"` // for people, on our pages
	Home string `json:"home"` // where the pages lead when nothing else is left

	Service  itsme.Service `json:"-"` // what a request that does not say becomes
	Locale   string        `json:"-"` // when the request names no ui_locales
	Deadline time.Duration `json:"-"` // of a whole login, all attempts together; a login has Expires

	Subject SubjectType `json:"subject,omitempty"` // empty in a login: pairwise
	Sector  string      `json:"sector,omitempty"`  // of a pairwise subject (OpenID Connect Core §8.1)

	SigningAlg    keys.Algorithm `json:"alg,omitempty"`
	IDTokenClaims bool           `json:"id_token_claims,omitempty"` // scope claims in the ID token too
	FlatAddress   bool           `json:"flat_address,omitempty"`    // street_address, postal_code, … beside address

	// What the operator asserts, since CM does not (OpenID Connect Core §5.1, §2).
	EmailVerified       bool     `json:"email_verified,omitempty"`
	PhoneNumberVerified bool     `json:"phone_number_verified,omitempty"`
	ACR                 string   `json:"-"` // what a login is worth; a request has its own
	ACRAliases          []string `json:"-"` // other names for the same, in acr_values and claims
	AMR                 []string `json:"amr,omitempty"`

	RedirectFailures bool `json:"redirect_failures,omitempty"` // on_failure: redirect – errors go to the client at once
	RestartExpired   bool `json:"restart_expired,omitempty"`   // "try again" after an expiry: Keycloak's temporarily_unavailable + authentication_expired
}

// AuthMethod is how a client authenticates (OpenID Connect Core §9).
type AuthMethod string

// The methods that a client can be registered with.
const (
	ClientSecretBasic AuthMethod = "client_secret_basic"
	ClientSecretPost  AuthMethod = "client_secret_post"
	PrivateKeyJWT     AuthMethod = "private_key_jwt"
	None              AuthMethod = "none"
)

// PKCE is what binds a code to the login that it comes of (RFC 9700 §2.1.1).
type PKCE int

// What a request for a code must bring.
const (
	PKCERequired PKCE = iota // a code_challenge (RFC 7636)
	PKCEOrNonce              // that, or a nonce, which the client must check
	PKCEOptional             // neither (OpenID Connect Core §3.1.2.1)
)

// SubjectType is the kind of sub that a client receives (OpenID Connect Core §8).
type SubjectType string

// The subject types.
const (
	Pairwise SubjectType = "pairwise"
	Public   SubjectType = "public"
)

// App is the client's application, as people know it.
func (t *Terms) App() oauth.App { return oauth.App{ID: t.ID, Name: t.Name, Home: t.Home} }

// There reports whether the client has registered keys.
func (k Keys) There() bool { return len(k.Set) > 0 || k.URI != "" }

// Algorithms are what the client may sign with (FAPI 2.0 Security Profile §5.4.1).
func (c *Client) Algorithms() []string {
	strong := []string{"PS256", "ES256", "EdDSA"}
	if c.FAPI2 {
		return strong
	}
	return append(strong, "RS256")
}

// IsPublic reports whether the client has nothing to prove itself with (RFC 6749 §2.1).
func (c *Client) IsPublic() bool { return c.AuthMethod == None }

// MayRefresh reports whether the client may have refresh tokens (OpenID Connect Core §11).
func (c *Client) MayRefresh() bool { return c.MayAsk(OfflineAccess) }

// MustPush reports whether the client must push its requests (RFC 9126 §6, FAPI
// 2.0 Security Profile §5.3.2.2).
func (c *Client) MustPush() bool { return c.RequirePushed || c.FAPI2 }

// MayAsk reports whether the client is granted a scope.
func (c *Client) MayAsk(scope string) bool {
	return scope == "openid" || slices.Contains(c.Scopes, scope)
}

// MayRespond reports whether the client may ask for a response type.
func (c *Client) MayRespond(responseType string) bool {
	if len(c.ResponseTypes) == 0 {
		return responseType == ResponseCode
	}
	return slices.Contains(c.ResponseTypes, responseType)
}

// MayFetch reports whether an address is one of the client's request_uris. One
// that is registered with a slash at its end stands for all below it. A fragment
// is not part of what is asked for, on either side (OpenID Connect Core §6.2,
// Registration 1.0 §2).
func (c *Client) MayFetch(uri string) bool {
	uri, _, _ = strings.Cut(uri, "#")
	u, err := url.Parse(uri)
	if err != nil || slices.Contains(strings.Split(u.Path, "/"), "..") {
		return false
	}
	return slices.ContainsFunc(c.RequestURIs, func(registered string) bool {
		exact, _, _ := strings.Cut(registered, "#")
		return uri == exact || strings.HasSuffix(registered, "/") && strings.HasPrefix(uri, registered)
	})
}

// EndsSessions reports whether the client needs to know which browser session an
// ID token is of: it hears of logouts, or its server may ask for one.
func (c *Client) EndsSessions() bool { return c.BackChannelLogoutURI != "" || c.LogoutByServer }

// MayLeadTo compares character by character (RP-Initiated Logout §3).
func (c *Client) MayLeadTo(uri string) bool { return slices.Contains(c.PostLogoutRedirectURIs, uri) }
