package provider

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"itsme-bridge/provider/pages"
)

// respond sends the browser back to the client with the outcome, in the
// response mode that the request asked for; errors go the same way as codes
// (RFC 6749 §4.1.2, OpenID Connect Core §3.2.2.5, RFC 9207, OAuth 2.0 Form Post Response Mode).
func (p *Provider) respond(w http.ResponseWriter, r *http.Request, q *Request, o *Outcome) {
	fields := p.responseFields(q, o)
	event(r.Context()).Add(slog.String("outcome", o.label()))
	if q.ResponseMode == "form_post" {
		pages.Write(w, http.StatusOK, pages.Page{
			Kind: pages.FormPost, Locale: q.Locale, URL: q.RedirectURI, Fields: fields,
		})
		return
	}
	to := responseURL(q, fields)
	if r.Method == http.MethodPost { // a form's POST must not redirect: see navigate
		p.navigate(w, &Login{Request: *q}, to)
		return
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// responseFields are the parameters of the response, in a fixed order.
func (p *Provider) responseFields(q *Request, o *Outcome) []pages.Field {
	var fields []pages.Field
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, pages.Field{Name: name, Value: value})
		}
	}
	add("code", o.Code)
	add("id_token", o.idToken)
	add("error", o.Error)
	add("error_description", o.Description)
	add("state", q.State)
	add("iss", p.config.Issuer)
	return fields
}

// responseURL adds the parameters to the redirect URI, which may have a query of its own (RFC 6749 §3.1.2).
func responseURL(q *Request, fields []pages.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.Name + "=" + url.QueryEscape(f.Value)
	}
	encoded := strings.Join(parts, "&")
	switch {
	case q.ResponseMode == "fragment":
		return q.RedirectURI + "#" + encoded
	case strings.Contains(q.RedirectURI, "?"):
		return q.RedirectURI + "&" + encoded
	default:
		return q.RedirectURI + "?" + encoded
	}
}

// label names the outcome for the log.
func (o *Outcome) label() string {
	switch {
	case o.Code != "":
		return "code"
	case o.idToken != "":
		return "id_token"
	default:
		return o.Error
	}
}
