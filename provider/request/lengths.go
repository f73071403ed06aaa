package request

import (
	"strconv"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// MaxClaims is the most bytes of a claims parameter.
const MaxClaims = 8192

// maxHint is the most bytes of an id_token_hint: ID tokens of ours are shorter.
const maxHint = 8192

// maxWords is the most bytes of a parameter that is a word or a few, or a number.
const maxWords = 256

// maxRequest is the most bytes of a request as a whole, form-encoded. That much is
// kept of one that is pushed, and waits, sealed, in the form of a "Continue" page,
// which must fit into a POST ([edge.MaxBody]).
const maxRequest = 32 << 10

// limit is the most bytes of a parameter. A few have none: they must be equal to
// what is registered, or give way to what they stand for.
func limit(name string) (most int, ok bool) {
	switch name {
	case "client_id", "redirect_uri", "request", "request_uri":
		return 0, false
	case "state":
		return edge.MaxState, true
	case "claims":
		return MaxClaims, true
	case "id_token_hint":
		return maxHint, true
	case "nonce", "scope", "login_hint", "ui_locales", "acr_values":
		return edge.MaxParameter, true
	default:
		return maxWords, true
	}
}

// checkLengths bounds all that is kept and parsed from here on. It also holds to
// VSCHAR what is kept as it is (RFC 6749 appendix A.5): state must come back
// exactly, and what cannot is refused at once.
func checkLengths(a *Asking) *oauth.Error {
	whole := 0
	for _, name := range Parameters() {
		value := a.Get(name)
		whole += len(value)
		if most, ok := limit(name); ok && len(value) > most {
			return oauth.BadRequest("The parameter " + name + " is longer than " + strconv.Itoa(most) + " bytes.")
		}
	}
	if 3*whole > maxRequest && len(a.Parameters.Encode()) > maxRequest { // a byte becomes three at most
		return oauth.BadRequest("The request is longer than " + strconv.Itoa(maxRequest) + " bytes, form-encoded.")
	}
	for _, name := range []string{"state", "nonce", "scope"} {
		if !isVSCHAR(a.Get(name)) {
			return oauth.BadRequest("The parameter " + name + " holds a character outside of RFC 6749 appendix A.")
		}
	}
	return nil
}

func isVSCHAR(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
