package edge

import (
	"log/slog"
	"net/http"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// Respond sends the browser back to the client with the answer, in the response
// mode that the request asked for; errors go the same way as codes (RFC 6749
// §4.1.2, OpenID Connect Core §3.2.2.5, RFC 9207, OAuth 2.0 Form Post Response Mode).
// A page on the way bears the name of the client's application.
func (i Issuer) Respond(w http.ResponseWriter, r *http.Request, app oauth.App, back *oauth.Back, a *oauth.Answer) {
	issuer := i.text
	if back.WithoutIssuer {
		issuer = ""
	}
	fields := a.Parameters(back.State, issuer)
	EventOf(r.Context()).Add(slog.String("outcome", a.Label()))
	if back.ResponseMode == "form_post" {
		Show(w, r, http.StatusOK, pages.Page{
			Kind: pages.FormPost, Locale: back.Locale, Client: app.ID, App: app.Name, Home: app.Home, URL: back.RedirectURI, Fields: fields,
		})
		return
	}
	to := oauth.AddTo(back.RedirectURI, back.ResponseMode, fields)
	if r.Method == http.MethodPost { // a form's POST must not redirect: see [Navigate]
		Navigate(w, r, app, back.Locale, to)
		return
	}
	Redirect(w, r, app, back.Locale, to)
}

// Proxies keep the header of an answer in a buffer of 4 KiB (nginx:
// proxy_buffer_size), and turn a longer one into a 502. What else stands in ours
// needs some 500 bytes.
const (
	maxLocation = 3 << 10 // bytes of a redirect's address
	maxLeading  = 3500    // bytes of it and of all cookies that go with it
)

// Redirect leads on whoever is not a form: see [Navigate]. Where the address is
// too long for a header, it is the page that leads on.
func Redirect(w http.ResponseWriter, r *http.Request, app oauth.App, locale, to string) {
	leading := len(to)
	for _, cookie := range w.Header().Values("Set-Cookie") {
		leading += len("Set-Cookie: \r\n") + len(cookie)
	}
	if len(to) > maxLocation || leading > maxLeading {
		Navigate(w, r, app, locale, to)
		return
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// Navigate leads on with a page instead of a redirect: browsers apply the
// form-action of the page a POST came from to redirects, but not to this.
func Navigate(w http.ResponseWriter, r *http.Request, app oauth.App, locale, to string) {
	Show(w, r, http.StatusOK, pages.Page{Kind: pages.Navigate, Locale: locale, Client: app.ID, App: app.Name, Home: app.Home, URL: to})
}
