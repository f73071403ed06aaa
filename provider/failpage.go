package provider

import (
	"net/http"
	"net/url"

	"itsme-bridge/provider/pages"
)

// failPage tells the client about an error where that is allowed, and the
// person where it is not.
func (x *Edge) failPage(w http.ResponseWriter, r *http.Request, e *Error) {
	if e.Back != nil {
		x.issuer.respond(w, r, e.Back, &Answer{Error: e.Code, Description: e.Description})
		return
	}
	page := pages.Page{
		Kind: kindOf(e.Status), Locale: pages.Locale(e.Locale, r.Header.Get("Accept-Language")), Primary: e.Form, App: e.App.Name, Home: e.App.Home,
		Code: e.Code, Description: e.Description, Reference: event(r.Context()).Reference,
	}
	if page.Kind == pages.Unavailable && r.Method == http.MethodGet {
		page.URL = here(r)
	}
	pages.Write(w, e.Status, page)
}

// here is the address of a request, to be asked for again. Whatever CM or a
// browser has put into the query comes back in the characters of RFC 3986.
func here(r *http.Request) string {
	return (&url.URL{Path: r.URL.Path, RawQuery: r.URL.Query().Encode()}).String()
}

func kindOf(status int) pages.Kind {
	switch {
	case status == http.StatusNotFound:
		return pages.NotFound
	case status == http.StatusTooManyRequests:
		return pages.TooMany
	case status == http.StatusServiceUnavailable:
		return pages.Unavailable
	case status >= http.StatusInternalServerError:
		return pages.ServerError
	default:
		return pages.BadRequest
	}
}

func notFound(http.ResponseWriter, *http.Request) error {
	return fail(http.StatusNotFound, "not_found", "There is nothing at this address.")
}

func notAllowed(http.ResponseWriter, *http.Request) error {
	return fail(http.StatusMethodNotAllowed, InvalidRequest, "This method is not allowed here.")
}
