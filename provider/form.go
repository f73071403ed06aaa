package provider

import (
	"mime"
	"net/http"
	"net/url"

	"itsme-bridge/provider/pages"
)

// MaxBody is the most bytes that a request body may have.
const MaxBody = 64 << 10

// MaxParameter is the most bytes of a parameter that travels with the login.
const MaxParameter = 2048

// isForm reports whether the body is one that parameters are read from.
func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// formOf reads the form of a POST, and nothing from the URL.
func formOf(r *http.Request) (url.Values, error) {
	if !isForm(r) {
		return nil, badRequest("The body is not application/x-www-form-urlencoded.")
	}
	if err := r.ParseForm(); err != nil {
		return nil, badRequest("The form is not properly encoded, or too large.")
	}
	return r.PostForm, nil
}

// parametersOf reads the query of a GET and the form of a POST (OpenID Connect
// Core §3.1.2.1).
func parametersOf(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		return formOf(r)
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The query is not properly encoded.")
	}
	return parameters, nil
}

// fieldsOf are some of the parameters, as a form sends them.
func fieldsOf(parameters url.Values, names []string) []pages.Field {
	var fields []pages.Field
	for _, name := range names {
		for _, value := range parameters[name] {
			fields = append(fields, pages.Field{Name: name, Value: value})
		}
	}
	return fields
}
