package provider

import (
	"slices"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/keys"
)

// Client is a relying party as the operator registered it (OpenID Connect Registration 1.0 §2).
type Client struct {
	Terms

	AuthMethod    AuthMethod // the one method that is accepted at the token endpoint
	SecretHashes  [][32]byte // SHA-256 of each secret that is valid now: two while one is being replaced
	RedirectURIs  []string   // compared character by character (RFC 9700 §2.1)
	Scopes        []string   // what the client may ask for; openid goes without saying
	PKCEOptional  bool       // allows a request without code_challenge, which then needs a nonce
	Introspect    bool       // may introspect every token, not only its own
	MerchantToken string     // CM's token for this client; empty: the deployment's
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

	Subject SubjectType `json:"subject"`
	Sector  string      `json:"sector,omitempty"` // of a pairwise subject (OpenID Connect Core §8.1)

	SigningAlg    keys.Algorithm `json:"alg"`
	IDTokenClaims bool           `json:"id_token_claims,omitempty"` // scope claims in the ID token too
	FlatAddress   bool           `json:"flat_address,omitempty"`    // street_address, postal_code, … beside address

	// What the operator asserts, since CM does not (OpenID Connect Core §5.1, §2).
	EmailVerified       bool     `json:"email_verified,omitempty"`
	PhoneNumberVerified bool     `json:"phone_number_verified,omitempty"`
	ACR                 string   `json:"acr,omitempty"`
	AMR                 []string `json:"amr,omitempty"`

	RedirectFailures bool `json:"redirect_failures,omitempty"` // on_failure: redirect – errors go to the client at once
	RestartExpired   bool `json:"restart_expired,omitempty"`   // Keycloak's temporarily_unavailable + authentication_expired
}

// AuthMethod is how a client authenticates (OpenID Connect Core §9).
type AuthMethod string

// The methods that a client can be registered with.
const (
	ClientSecretBasic AuthMethod = "client_secret_basic"
	ClientSecretPost  AuthMethod = "client_secret_post"
	None              AuthMethod = "none"
)

// SubjectType is the kind of sub that a client receives (OpenID Connect Core §8).
type SubjectType string

// The subject types.
const (
	Pairwise SubjectType = "pairwise"
	Public   SubjectType = "public"
)

// mayAsk reports whether the client is granted a scope.
func (c *Client) mayAsk(scope string) bool {
	return scope == "openid" || slices.Contains(c.Scopes, scope)
}
