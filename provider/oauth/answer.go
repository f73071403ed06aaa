package oauth

import (
	"net/url"
	"strings"

	"itsme-bridge/provider/pages"
)

// Back is the way back to the client, and how an authorization response takes it.
type Back struct {
	RedirectURI  string `json:"redirect_uri"`
	ResponseMode string `json:"response_mode,omitempty"` // query (empty in a login), fragment or form_post
	State        string `json:"state,omitempty"`
	Locale       string `json:"locale"` // of the pages on the way, and of itsme: en, nl, fr or de

	WithoutIssuer bool `json:"without_iss,omitempty"` // the client cannot bear iss in a response
}

// App is a client's application as people know it.
type App struct {
	ID   string // client_id; empty where nobody knows whose it is
	Name string
	Home string // where our pages lead when nothing else is left
}

// Answer is an authorization response (RFC 6749 §4.1.2, OpenID Connect Core
// §3.2.2.5, §3.3.2.5): a code, an ID token or both, or an error.
type Answer struct {
	Code        string
	IDToken     string
	Error       string
	Description string
}

// Label names the answer for the log.
func (a *Answer) Label() string {
	switch {
	case a.Code != "":
		return "code"
	case a.IDToken != "":
		return "id_token"
	default:
		return a.Error
	}
}

// Parameters are those of the response, in a fixed order. The issuer says whose
// it is (RFC 9207); empty, nothing does.
func (a *Answer) Parameters(state, issuer string) []pages.Field {
	fields := make([]pages.Field, 0, 6)
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, pages.Field{Name: name, Value: value})
		}
	}
	add("code", a.Code)
	add("id_token", a.IDToken)
	add("error", a.Error)
	add("error_description", a.Description)
	add("state", state)
	add("iss", issuer)
	return fields
}

// AddTo adds parameters to a redirect URI, which may have a query of its own
// (RFC 6749 §3.1.2): behind the query, or where the mode says so as the fragment.
func AddTo(uri, mode string, fields []pages.Field) string {
	between := byte('?')
	switch {
	case mode == "fragment":
		between = '#'
	case strings.Contains(uri, "?"):
		between = '&'
	}
	to := append(make([]byte, 0, 512), uri...) // of a size that needs no heap
	for _, f := range fields {
		to = append(append(append(to, between), f.Name...), '=')
		to = append(to, url.QueryEscape(f.Value)...)
		between = '&'
	}
	return string(to)
}
