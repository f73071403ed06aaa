package logout

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/session"
)

// A browser ends only the session that its own cookie holds, however good the ID
// token is that comes along: whoever has found one ends nobody's session. Without
// a click it does so only where the ID token is of that session, and the client's
// to lead on from if the address is registered. With anything less the person is
// asked.
//
// A client's server has no browser. It ends the session of its own ID token where
// the client's entry allows that (logout_by_server).

// The paths of the end session endpoint, and of where the person says yes.
const (
	Path        = "/logout"
	ConfirmPath = "/itsme/logout"
)

func logoutParameters() []string {
	return []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
}

// Logout is the end session endpoint (RP-Initiated Logout §2).
func (l *Logouts) Logout(w http.ResponseWriter, r *http.Request) error {
	parameters, err := edge.Parameters(r, append(logoutParameters(), session.Resubmitted))
	if err != nil {
		return err
	}
	if err := checkArrival(r.Header); err != nil {
		f := l.farewellOf(parameters, r.Header.Get("Accept-Language"))
		return l.toldOf(&f, err)
	}
	if l.sessions.Resubmit(w, r, parameters, logoutParameters()) {
		return nil
	}
	if err := checkLogout(parameters); err != nil {
		return err
	}
	f := l.farewellOf(parameters, r.Header.Get("Accept-Language"))
	f.Locale = edge.Language(r, f.Locale) // the confirmation speaks it too
	l.explain(r, &f, parameters.Get("post_logout_redirect_uri"))
	if err = l.bid(w, r, &f); err == nil {
		return nil
	}
	e := l.toldOf(&f, err)
	if r.Method == http.MethodPost {
		e.Form = &pages.Form{Action: r.URL.Path, Fields: edge.Fields(parameters, logoutParameters())}
	}
	return e
}

// bid ends the session that is to end, asks the person about it, or finds that
// there is none.
func (l *Logouts) bid(w http.ResponseWriter, r *http.Request, f *farewell) error {
	here, err := l.sessions.Here(r)
	switch {
	case err != nil:
		return err
	case here.Alive(l.now()) && !l.idTokens.IsOf(f.hint, here.Session().SID):
		l.askLogout(w, r, f, here)
		return nil
	case here.Alive(l.now()):
		return l.part(w, r, f, ended, here.Session().SID)
	case f.hint.SID != "" && l.withoutBrowser(r):
		if c, ok := l.clients.Find(f.Client); ok && c.LogoutByServer {
			return l.part(w, r, f, endedByServer, f.hint.SID)
		}
		said(r, notByServer)
	default:
		said(r, noSession)
	}
	if f.hint.Audience == "" { // anybody may have made such a link: it leads nowhere by itself
		l.sessions.Take(w, r)
		edge.Show(w, r, http.StatusOK, l.farewellPage(pages.LoggedOut, r, f))
		return nil
	}
	l.leadOn(w, r, f)
	return nil
}

// What becomes of a logout request, for the log.
const (
	asked         = "asked"
	ended         = "ended"
	endedByServer = "ended by the client's server"
	notByServer   = "no session of this caller, and the client has no logout_by_server"
	noSession     = "no session"
)

// withoutBrowser reports whether a request looks like one of a client's server: it
// says nothing that only browsers say, and brings none of our cookies. This is no
// protection from whoever has found an ID token and needs no browser either; it
// keeps browsers to the rule that is theirs.
func (l *Logouts) withoutBrowser(r *http.Request) bool {
	for name := range r.Header {
		if strings.HasPrefix(name, "Sec-") || name == "Origin" {
			return false
		}
	}
	return !l.sessions.Known(r)
}

// checkArrival refuses what no person has navigated to: another page's image or
// frame, or a browser's guess at what the person may want next.
func checkArrival(h http.Header) error {
	switch edge.ArrivalOf(h) {
	case edge.Embedded:
		return oauth.Fail(http.StatusForbidden, oauth.InvalidRequest,
			"A logout must be a navigation of the whole window, not a part of another page.").Of(oauth.Embedded)
	case edge.Prefetched:
		return oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable, "A logout is not fetched ahead.").Ordinary()
	default:
		return nil
	}
}

// checkLogout refuses what nobody can mean.
func checkLogout(parameters url.Values) error {
	for _, name := range logoutParameters() {
		if len(parameters[name]) > 1 {
			return oauth.BadRequest("The parameter " + name + " is repeated.")
		}
	}
	if len(parameters.Get("state")) > edge.MaxState {
		return oauth.BadRequest("The parameter state is longer than " + strconv.Itoa(edge.MaxState) + " bytes.")
	}
	return nil
}

// askLogout asks the person. The form holds what will come of it, and is of use
// to this browser alone.
func (l *Logouts) askLogout(w http.ResponseWriter, r *http.Request, f *farewell, here *session.Stay) {
	said(r, asked)
	page := l.farewellPage(pages.Logout, r, f)
	page.Primary = l.logoutForm(l.sealed(f), l.sessions.FormToken(here))
	edge.Show(w, r, http.StatusOK, page)
}

// sealed is a farewell in a form.
func (l *Logouts) sealed(f *farewell) string {
	plain, _ := json.Marshal(f) // texts always encode
	return l.keyring.Seal("logout", plain)
}

func (l *Logouts) logoutForm(request, token string) *pages.Form {
	return &pages.Form{Action: l.issuer.Path() + ConfirmPath, Fields: []pages.Field{
		{Name: "request", Value: request}, {Name: "token", Value: token},
	}}
}

// Confirm is the click on "Log out". It ends the session that the browser has, and
// no other. One that comes again finds none, and leads on all the same. In another
// language the page is only shown again: nothing ends, and it leads nowhere.
func (l *Logouts) Confirm(w http.ResponseWriter, r *http.Request) error {
	form, err := edge.Form(r, "request", "token")
	if err != nil {
		return err
	}
	f, ok := l.reopened(form.Get("request"))
	if !ok {
		return oauth.BadRequest("This form is not one of ours. Go back to the application and log out there.").Of(oauth.ForgedForm)
	}
	chosen := edge.Chosen(r)
	f.Locale = cmp.Or(chosen, f.Locale)
	l.explain(r, &f, "")
	here, err := l.sessions.Here(r)
	switch {
	case err != nil:
	case !here.Alive(l.now()):
		said(r, noSession)
		if chosen != "" || r.Header.Get("Origin") != l.issuer.Origin() { // anybody may post such a form: it leads nowhere by itself
			edge.Show(w, r, http.StatusOK, l.farewellPage(pages.LoggedOut, r, &f))
			return nil
		}
		l.leadOn(w, r, &f)
	case chosen != "": // nobody has said yes, and no forgery is tried
		l.askLogout(w, r, &f, here)
	case !l.sessions.Fits(form.Get("token"), here):
		edge.EventOf(r.Context()).Refuse(oauth.ForgedForm)
		l.askLogout(w, r, &f, here) // of another session, or another site's doing
	default:
		err = l.part(w, r, &f, ended, here.Session().SID)
	}
	if err == nil {
		return nil
	}
	e := l.toldOf(&f, err)
	e.Form = l.logoutForm(form.Get("request"), form.Get("token"))
	return e
}

// said is what the log says of a logout request.
func said(r *http.Request, what string) { edge.EventOf(r.Context()).Add(slog.String("logout", what)) }

// part ends a session, and leads the person on.
func (l *Logouts) part(w http.ResponseWriter, r *http.Request, f *farewell, what, sid string) error {
	if err := l.end(r.Context(), sid); err != nil {
		return err
	}
	said(r, what)
	l.leadOn(w, r, f)
	return nil
}

// leadOn takes the cookie of a session that is over, and leads the person to the
// registered address, or shows a page.
func (l *Logouts) leadOn(w http.ResponseWriter, r *http.Request, f *farewell) {
	l.sessions.Take(w, r)
	to := f.onward()
	if to == "" {
		edge.Show(w, r, http.StatusOK, l.farewellPage(pages.LoggedOut, r, f))
		return
	}
	if r.Method == http.MethodPost && r.Header.Get("Origin") != "" { // a form's POST must not redirect: see [edge.Navigate]; only browsers have forms
		edge.Navigate(w, r, l.appOf(f), f.Locale, to)
		return
	}
	edge.Redirect(w, r, l.appOf(f), f.Locale, to)
}

// farewellPage is a page about a logout, with the way back to the application: to
// the registered address where the person is logged out. A developer is told what
// is wrong with the request.
func (l *Logouts) farewellPage(kind pages.Kind, r *http.Request, f *farewell) pages.Page {
	app := l.appOf(f)
	page := pages.Page{Kind: kind, Locale: f.Locale, Client: app.ID, App: app.Name, Home: app.Home}
	again := l.logoutForm(l.sealed(f), "")
	page.Switch = &pages.Switch{URL: again.Action, Post: true, Fields: again.Fields} // the request, with its ID token, stands on no page
	if kind == pages.LoggedOut {
		page.Home = cmp.Or(f.onward(), app.Home)
	}
	if f.Wrong != "" {
		page.Code, page.Description, page.Reference = oauth.InvalidRequest, f.Wrong, edge.EventOf(r.Context()).Reference
	}
	return page
}

// toldOf is an error that the person is told, by the application's name.
func (l *Logouts) toldOf(f *farewell, err error) *oauth.Error {
	return oauth.ToPerson(err, l.appOf(f), f.Locale)
}

// appOf is the application of a farewell; where its client is not known, the one
// where all are at home.
func (l *Logouts) appOf(f *farewell) oauth.App {
	if client, ok := l.clients.Find(f.Client); ok {
		return client.App()
	}
	app, _ := l.clients.Home(nil)
	return app
}

// Astray is where the confirmation has led, asked for by its address: the person
// means the logout.
func (l *Logouts) Astray(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, l.issuer.At(Path), http.StatusSeeOther)
	return nil
}
