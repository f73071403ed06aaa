package provider

import (
	"net/http"
	"net/url"

	"itsme-bridge/provider/pages"
)

// Cookies that are SameSite=Lax do not come with a POST from another site. So
// where there are sessions, such a POST is sent once more by a page of ours. That
// gives nobody more than a link does, with which the cookies come at once.

// again marks a request that a page of ours has sent once more.
const again = "resubmitted"

// withoutCookies reports whether a request has come without our cookies only
// because of the site it comes from. An old browser names only its Origin.
func (p *Provider) withoutCookies(r *http.Request, parameters url.Values) bool {
	if p.config.Session.TTL == 0 || r.Method != http.MethodPost || parameters.Has(again) {
		return false
	}
	if _, err := r.Cookie(p.sessionCookie()); err == nil {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site":
		return true
	case "same-origin", "same-site", "none":
		return false
	default:
		origin := r.Header.Get("Origin")
		return origin != "" && origin != p.issuer.Scheme+"://"+p.issuer.Host
	}
}

// resubmit sends the same parameters to the same address, as they came: also
// those that will be refused for being repeated.
func (p *Provider) resubmit(w http.ResponseWriter, r *http.Request, parameters url.Values, names []string) {
	fields := append(fieldsOf(parameters, names), pages.Field{Name: again, Value: "1"})
	pages.Write(w, http.StatusOK, pages.Page{
		Kind: pages.Resubmit, Locale: pages.Locale(parameters.Get("ui_locales"), r.Header.Get("Accept-Language")),
		URL: r.URL.Path, Fields: fields,
	})
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
