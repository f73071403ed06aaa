package edge

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// MaxBody is the most bytes that a request body may have.
const MaxBody = 64 << 10

// MaxForm is the most bytes of a form of ours: what waits in it sealed is larger
// than what was sent.
const MaxForm = 2 * MaxBody

// MaxParameter is the most bytes of a parameter that travels with the login.
const MaxParameter = 2048

// MaxState is the most bytes of a state, in which brokers nest their own client's request.
const MaxState = 8192

// IsForm reports whether the body is one that parameters are read from. What
// follows the media type says nothing about it (RFC 6749 appendix B).
func IsForm(r *http.Request) bool {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}

// Form reads the named parameters of a POST's form, and nothing from the URL. What
// it has read, also of a form that it refuses, is the request's PostForm from then on.
func Form(r *http.Request, names ...string) (url.Values, error) {
	if !IsForm(r) {
		return nil, oauth.BadRequest("The body is not application/x-www-form-urlencoded.")
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, oauth.BadRequest("The form is too large.")
	}
	if err != nil {
		return nil, oauth.BadRequest("The form did not arrive whole.") // the cause names the addresses of both ends
	}
	EventOf(r.Context()).chosen = languageIn(string(body))
	parameters, refused := Decode(string(body), names)
	r.PostForm = parameters
	if refused != nil {
		return nil, refused
	}
	return parameters, nil
}

// Parameters reads the named parameters of a GET's query, or of a POST's form
// (OpenID Connect Core §3.1.2.1).
func Parameters(r *http.Request, names []string) (url.Values, error) {
	if r.Method == http.MethodPost {
		return Form(r, names...)
	}
	parameters, refused := Decode(r.URL.RawQuery, names)
	if refused != nil {
		return nil, refused
	}
	return parameters, nil
}

// Fields are some of the parameters, as a form sends them.
func Fields(parameters url.Values, names []string) []pages.Field {
	var fields []pages.Field
	for _, name := range names {
		for _, value := range parameters[name] {
			fields = append(fields, pages.Field{Name: name, Value: value})
		}
	}
	return fields
}
