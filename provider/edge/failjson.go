package edge

import (
	"encoding/json"
	"net/http"
	"strings"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/signed"
)

// FailJSON tells a client about an error (RFC 6749 §5.2). One that did not try
// the Authorization header is not challenged to: libraries take a challenge for
// the whole answer, and never look at the error.
func (x *Edge) FailJSON(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	if e.Status == http.StatusUnauthorized && len(r.Header.Values("Authorization")) > 0 {
		w.Header().Set("WWW-Authenticate", `Basic realm="`+x.issuer.text+`", charset="UTF-8"`)
	}
	x.writeError(w, e)
}

// FailBearer tells the bearer of an access token about an error, in the scheme
// that it came in (RFC 6750 §3, RFC 9449 §7.1). Whoever brought no token at all
// is only told to bring one, in either.
func (x *Edge) FailBearer(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	if e.Status < http.StatusInternalServerError {
		bearer, dpop := `Bearer realm="`+x.issuer.text+`"`, `DPoP algs="`+strings.Join(signed.Algorithms(), " ")+`"`
		said := ""
		if e.Code != "" {
			said = `, error="` + e.Code + `", error_description="` + speakable(e.Description) + `"`
		}
		if InDPoP(r.Header.Get("Authorization")) {
			w.Header().Set("WWW-Authenticate", dpop+said)
		} else {
			w.Header()["Www-Authenticate"] = []string{bearer + said, dpop}
		}
	}
	x.writeError(w, e)
}

// writeError sends the code and the text for the world, and nothing of the cause.
func (x *Edge) writeError(w http.ResponseWriter, e *oauth.Error) {
	x.issuer.Private(w.Header())
	pages.ComeAgain(w.Header(), e.Status, e.Wait)
	if e.Code == "" {
		w.WriteHeader(e.Status)
		return
	}
	body, _ := json.Marshal(struct { // two strings always encode
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{e.Code, speakable(e.Description)})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // a client that has hung up is nobody's error
}

// speakable keeps the characters that an error_description may have (RFC 6749
// §5.2): no quotes, no backslash, no line breaks, nothing beyond ASCII.
func speakable(description string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, description)
}

// InDPoP reports whether an Authorization header is in the scheme DPoP, in any
// case (RFC 9449 §7.1, RFC 9110 §11.1).
func InDPoP(header string) bool {
	scheme, _, _ := strings.Cut(header, " ")
	return strings.EqualFold(scheme, "DPoP")
}
