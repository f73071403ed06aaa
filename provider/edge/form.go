package edge

import (
	"mime"
	"net/http"
	"net/url"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// MaxBody is the most bytes that a request body may have.
const MaxBody = 64 << 10

// MaxParameter is the most bytes of a parameter that travels with the login.
const MaxParameter = 2048

// IsForm reports whether the body is one that parameters are read from.
func IsForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// Form reads the form of a POST, and nothing from the URL.
func Form(r *http.Request) (url.Values, error) {
	if !IsForm(r) {
		return nil, oauth.BadRequest("The body is not application/x-www-form-urlencoded.")
	}
	if err := r.ParseForm(); err != nil {
		return nil, oauth.BadRequest("The form is not properly encoded, or too large.")
	}
	return r.PostForm, nil
}

// Parameters reads the query of a GET and the form of a POST (OpenID Connect
// Core §3.1.2.1).
func Parameters(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		return Form(r)
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, oauth.BadRequest("The query is not properly encoded.")
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
