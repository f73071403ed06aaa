package keys

import "errors"

// What a token is, as its typ says, so that one of a kind does not pass for one of another (RFC 8725 section 3.11).
const (
	JWT       = "JWT"        // an ID token, and whatever has no type of its own
	LogoutJWT = "logout+jwt" // OpenID Connect Back-Channel Logout 1.0 section 2.4
)

// ErrType says that nothing is made ready for this typ.
var ErrType = errors.New("no token of this type is signed here")

// types are all that is ever signed.
func types() []string { return []string{JWT, LogoutJWT} }
