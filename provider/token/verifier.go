package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"itsme-bridge/provider/oauth"
)

// verify checks a code_verifier against the code_challenge of the
// authorization request, by S256 (RFC 7636 §4.6).
//
// One without the other is refused both ways: without a verifier a stolen code
// would do, and a verifier without a challenge means that somebody has cut the
// challenge out of the authorization request (RFC 9700 §2.1.1).
func verify(challenge, verifier string) error {
	switch {
	case challenge == "" && verifier == "":
		return nil
	case verifier == "":
		return badGrant("The parameter code_verifier is missing.").Of(oauth.WrongVerifier)
	case challenge == "":
		return badGrant("There is a code_verifier, but there was no code_challenge.").Of(oauth.WrongVerifier)
	case len(verifier) < 43 || len(verifier) > 128 || strings.Trim(verifier, unreserved) != "":
		return badGrant("The code_verifier is not 43 to 128 unreserved characters.")
	}
	if subtle.ConstantTimeCompare([]byte(challengeOf(verifier)), []byte(challenge)) != 1 {
		return badGrant("The code_verifier does not fit the code_challenge.").Of(oauth.WrongVerifier)
	}
	return nil
}

// challengeOf is S256 of a verifier.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return string(base64.RawURLEncoding.AppendEncode(make([]byte, 0, 64), sum[:])) // of a size that needs no heap
}

// unreserved are the characters of a code_verifier (RFC 7636 §4.1).
const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
