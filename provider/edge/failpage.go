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
		x.issuer.Respond(w, r, e.Back, &oauth.Answer{Error: e.Code, Description: e.Description})
		return
	}
	pages.Write(w, e.Status, x.failedPage(r, e))
}

// FailLogout tells the person that it is a logout which did not work.
func (x *Edge) FailLogout(w http.ResponseWriter, r *http.Request, e *oauth.Error) {
	page := x.failedPage(r, e)
	page.Logout = true
	pages.Write(w, e.Status, page)
}

// failedPage is the page of an error. Where nobody has found out whose request it
// was, the request itself may say where to lead on.
func (x *Edge) failedPage(r *http.Request, e *oauth.Error) pages.Page {
	app, locale := e.App, e.Locale
	if app.Home == "" && x.home != nil {
		asked := hints(r)
		app, locale = x.home(asked)
		locale = pages.Locale(e.Locale, asked.Get("ui_locales"), locale, r.Header.Get("Accept-Language"))
	} else {
		locale = pages.Locale(locale, r.Header.Get("Accept-Language"))
	}
	page := pages.Page{
		Kind: kindOf(e.Status), Locale: locale, Primary: e.Form, App: app.Name, Home: app.Home,
		Code: e.Code, Description: e.Description, Reference: EventOf(r.Context()).Reference,
		Wait: e.Wait,
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
	return (&url.URL{Path: r.URL.Path, RawQuery: encodedAnew(r.URL.RawQuery)}).String()
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
