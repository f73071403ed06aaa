package client

// OfflineAccess asks for refresh tokens (OpenID Connect Core §11).
const OfflineAccess = "offline_access"

// Scopes are the scopes that mean something here.
func Scopes() []string {
	return []string{"openid", "profile", "email", "phone", "address", OfflineAccess}
}

// The response types (OAuth 2.0 Multiple Response Type Encoding Practices §3,
// §5), with their words in alphabetical order. An access token never leaves the
// authorization endpoint (RFC 9700 §2.1.2).
const (
	ResponseCode   = "code"
	ResponseToken  = "id_token"
	ResponseHybrid = "code id_token"
)

// ResponseTypes are those that a client may be registered for.
func ResponseTypes() []string { return []string{ResponseCode, ResponseToken, ResponseHybrid} }
