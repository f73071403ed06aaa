package edge

import (
	"log/slog"
	"net/http"
	"net/url"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// FailPage tells the client about an error where that is allowed, and the
// person where it is not.
func (x *Edge) FailPage(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	if e.Back != nil {
		x.issuer.Respond(w, r, e.App, e.Back, &oauth.Answer{Error: e.Code, Description: e.Description})
		return
	}
	Show(w, r, e.Status, failedPage(r, e))
}

// FailRequest is FailPage for where clients send people: the request itself may
// say where to lead on.
func (x *Edge) FailRequest(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	x.FailPage(w, r, x.leading(r, e))
}

// FailLogout tells the person that it is a logout which did not work.
func (x *Edge) FailLogout(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	page := failedPage(r, x.leading(r, e))
	page.Logout = true
	Show(w, r, e.Status, page)
}

// leading is an error whose page leads on, also where nobody has found out whose
// request it was.
func (x *Edge) leading(r *http.Request, e *oauth.Error) *oauth.Error {
	if e.App.Home != "" || x.home == nil {
		return e
	}
	asked := hints(r)
	app, locale := x.home(asked)
	return oauth.ToPerson(e, app, pages.Locale(e.Locale, asked.Get("ui_locales"), locale, r.Header.Get("Accept-Language")))
}

// failedPage is the page of an error.
func failedPage(r *http.Request, e *oauth.Error) pages.Page {
	page := pages.Page{
		Kind: kindOf(e.Status), Locale: pages.Locale(e.Locale, r.Header.Get("Accept-Language")), Primary: e.Form, Client: e.App.ID, App: e.App.Name, Home: e.App.Home,
		Code: e.Code, Description: e.Description, Reference: EventOf(r.Context()).Reference,
		Trace: EventOf(r.Context()).Trace(), Wait: e.Wait, Kept: e.Kept,
	}
	if (page.Kind == pages.Unavailable || page.Kind == pages.TooMany) && r.Method == http.MethodGet {
		page.URL = Here(r)
	}
	return page
}

// hints are what a refused request says of whose it is, as far as that could be read.
func hints(r *http.Request) url.Values {
	if r.PostForm != nil {
		return r.PostForm
	}
	parameters, _ := Decode(r.URL.RawQuery, []string{"client_id", "redirect_uri", "post_logout_redirect_uri", "ui_locales"})
	return parameters
}

// Here is the address of a request, to be asked for again. Whatever CM or a
// browser has put into the query comes back in the characters of RFC 3986.
func Here(r *http.Request) string {
	return addressOf(r, encodedAnew(r.URL.RawQuery))
}

// addressOf is that of a request, with another query.
func addressOf(r *http.Request, query string) string {
	return (&url.URL{Path: r.URL.Path, RawQuery: query}).String()
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

// NotFound is the handler of an address where nothing is.
func NotFound(_ http.ResponseWriter, r *http.Request) error {
	EventOf(r.Context()).Add(slog.String("path", ShownPath(r.URL.Path)))
	return oauth.Fail(http.StatusNotFound, "not_found", "There is nothing at this address.").Ordinary()
}

// NotAllowed is the handler of a method that an address does not have.
func NotAllowed(_ http.ResponseWriter, r *http.Request) error {
	EventOf(r.Context()).Add(slog.String("path", ShownPath(r.URL.Path)))
	return oauth.Fail(http.StatusMethodNotAllowed, oauth.InvalidRequest, "This method is not allowed here.").Ordinary()
}
