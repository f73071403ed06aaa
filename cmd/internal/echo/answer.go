package echo

import (
	"io"
	"net/http"
	"strings"

	"itsme-bridge/provider/edge"
)

// Answer is how a request with a word is answered.
type Answer string

// The answers.
const (
	Ordinary Answer = ""         // as every other request
	Leading  Answer = "leading"  // a redirect whose header is as long as the bridge's longest
	Refusing Answer = "refusing" // a refusal of credentials, as /token has
)

// known reports whether there is such an answer.
func (a Answer) known() bool { return a == Ordinary || a == Leading || a == Refusing }

// Refused is the body of Refusing.
const Refused = `{"error":"invalid_client","error_description":"This is an answer to itsme-bridge doctor."}`

const (
	location = 2440 // bytes, of at most 3 KiB of the bridge's own
	cookies  = 3
	crumb    = 240 // bytes of each cookie's value
)

// Header is what the answer has beside its number: to Leading a Location and cookies of
// nearly 3,500 bytes, and to Refusing what asks for credentials.
func (a Answer) Header(issuer edge.Issuer) (status int, header http.Header) {
	header = http.Header{}
	issuer.Private(header)
	switch a {
	case Leading:
		header.Set("Location", issuer.At("/itsme/doctor?filler=")+strings.Repeat("x", location))
		for i := range cookies {
			name := issuer.CookiePrefix() + "doctor" + strings.Repeat("x", i)
			header.Add("Set-Cookie", issuer.Cookie(name, strings.Repeat("x", crumb), -1).String())
		}
		return http.StatusSeeOther, header
	default:
		header.Set("Content-Type", "application/json")
		header.Set("WWW-Authenticate", `Basic realm="itsme-bridge doctor"`)
		return http.StatusUnauthorized, header
	}
}

func (a Answer) write(w http.ResponseWriter, issuer edge.Issuer) {
	status, header := a.Header(issuer)
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	if a == Refusing {
		_, _ = io.WriteString(w, Refused) // who has hung up does not mind
	}
}
