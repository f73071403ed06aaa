package session

import (
	"net/http"
	"net/url"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/pages"
)

// Cookies that are SameSite=Lax do not come with a POST from another site. So
// where there are sessions, such a POST is sent once more by a page of ours. That
// gives nobody more than a link does, with which the cookies come at once.

// Resubmitted is the parameter that marks a request which a page of ours has sent once more.
const Resubmitted = "resubmitted"

// Resubmit sends a request once more that has come without our cookies: the same
// parameters to the same address, as they came, also those that will be refused
// for being repeated. It reports whether it has.
func (s *Sessions) Resubmit(w http.ResponseWriter, r *http.Request, parameters url.Values, names []string) bool {
	if !s.withoutCookies(r, parameters) {
		return false
	}
	fields := append(edge.Fields(parameters, names), pages.Field{Name: Resubmitted, Value: "1"})
	edge.Show(w, r, http.StatusOK, pages.Page{
		Kind: pages.Resubmit, Locale: pages.Locale(parameters.Get("ui_locales"), r.Header.Get("Accept-Language")),
		URL: r.URL.Path, Fields: fields,
	})
	return true
}

// withoutCookies reports whether a request has come without our cookies only
// because of the site it comes from. An old browser names only its Origin.
func (s *Sessions) withoutCookies(r *http.Request, parameters url.Values) bool {
	if !s.There() || r.Method != http.MethodPost || parameters.Has(Resubmitted) {
		return false
	}
	if _, err := r.Cookie(s.cookieName()); err == nil {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site":
		return true
	case "same-origin", "same-site", "none":
		return false
	default:
		origin := r.Header.Get("Origin")
		return origin != "" && origin != s.issuer.Origin()
	}
}
