package provider

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"itsme-bridge/provider/pages"
)

// A logout is a client's to ask for where it shows an ID token of ours, and the
// client's to lead on from if the address is registered. With anything less
// nobody is led anywhere, and the person is asked.

// farewell is a logout request (OpenID Connect RP-Initiated Logout 1.0 §2), as
// far as it can be believed.
type farewell struct {
	Client string `json:"client,omitempty"` // a registered one; its pages lead back to it
	Locale string `json:"locale"`

	SID   string `json:"sid,omitempty"`   // of the session that the ID token names
	URI   string `json:"uri,omitempty"`   // post_logout_redirect_uri, registered for Client
	State string `json:"state,omitempty"` // goes with URI
}

// confirmPath is where the person says yes.
const confirmPath = "/itsme/logout"

func logoutParameters() []string {
	return []string{"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
}

// logout is the end session endpoint (RP-Initiated Logout §2).
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) error {
	parameters, err := authorizationParameters(r)
	if err != nil {
		return err
	}
	if arrivalOf(r.Header) == prefetched { // the person has only looked at a link
		return fail(http.StatusServiceUnavailable, temporarilyUnavailable, "A logout is not fetched ahead.")
	}
	if p.withoutCookies(r, parameters) {
		p.resubmit(w, r, parameters, logoutParameters())
		return nil
	}
	if err := checkLogout(parameters); err != nil {
		return err
	}
	f := p.farewellOf(parameters, r.Header.Get("Accept-Language"))
	event(r.Context()).Add(slog.String("client", f.Client))
	here, err := p.stayHere(r)
	switch {
	case err != nil:
	case here.alive(p.now()) && f.SID != here.session.Value.SID:
		p.askLogout(w, &f, here)
	default:
		err = p.part(w, r, &f, f.SID)
	}
	if err == nil {
		return nil
	}
	e := p.toldOf(&f, err)
	if r.Method == http.MethodPost {
		e.form = &pages.Form{Action: r.URL.Path, Fields: fieldsOf(parameters, logoutParameters())}
	}
	return e
}

// checkLogout refuses what nobody can mean.
func checkLogout(parameters url.Values) error {
	for _, name := range logoutParameters() {
		if len(parameters[name]) > 1 {
			return badRequest("The parameter " + name + " is repeated.")
		}
	}
	if len(parameters.Get("state")) > MaxParameter {
		return badRequest("The parameter state is longer than " + strconv.Itoa(MaxParameter) + " bytes.")
	}
	return nil
}

// farewellOf decides how far a logout request can be believed.
func (p *Provider) farewellOf(parameters url.Values, accept string) farewell {
	h, _ := p.hintOf(parameters.Get("id_token_hint"))
	client, registered := p.client(cmp.Or(parameters.Get("client_id"), h.Audience))
	if !registered {
		return farewell{Locale: pages.Locale(parameters.Get("ui_locales"), accept)}
	}
	f := farewell{Client: client.ID, Locale: pages.Locale(parameters.Get("ui_locales"), client.Locale, accept)}
	uri := parameters.Get("post_logout_redirect_uri")
	switch {
	case h.Audience != client.ID: // §2: nobody's where the ID token is none of ours
	case uri != "" && !client.mayLeadTo(uri):
	default:
		f.SID, f.URI, f.State = h.SID, uri, parameters.Get("state")
	}
	return f
}

// mayLeadTo compares character by character (RP-Initiated Logout §3).
func (c *Client) mayLeadTo(uri string) bool { return slices.Contains(c.PostLogoutRedirectURIs, uri) }

// stayHere is the session of the browser that asks; not alive if it has none.
func (p *Provider) stayHere(r *http.Request) (*stay, error) {
	h, ok := p.sessionOf(r)
	if !ok {
		return new(stay), nil
	}
	return p.stayOf(r.Context(), h)
}

// askLogout asks the person. The form holds what will come of it, and is of use
// to this browser alone.
func (p *Provider) askLogout(w http.ResponseWriter, f *farewell, here *stay) {
	sealed, _ := json.Marshal(f) // texts always encode
	page := p.farewellPage(pages.Logout, f)
	ring := p.store.Keyring()
	page.Primary = p.logoutForm(ring.Seal("logout", sealed), ring.MAC("logout", here.handle.ID(), digest(here.handle)))
	pages.Write(w, http.StatusOK, page)
}

func (p *Provider) logoutForm(request, token string) *pages.Form {
	return &pages.Form{Action: p.issuer.Path + confirmPath, Fields: []pages.Field{
		{Name: "request", Value: request}, {Name: "token", Value: token},
	}}
}

// confirm is the click on "Log out". One that comes again finds no session in the
// browser, ends the client's if that is still to do, and leads on all the same.
func (p *Provider) confirm(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	f, ok := p.reopened(form.Get("request"))
	if !ok {
		return badRequest("This form is not one of ours. Go back to the application and log out there.")
	}
	event(r.Context()).Add(slog.String("client", f.Client))
	here, err := p.stayHere(r)
	switch {
	case err != nil:
	case !here.alive(p.now()):
		err = p.part(w, r, &f, f.SID)
	case !p.store.Keyring().VerifyMAC(form.Get("token"), "logout", here.handle.ID(), digest(here.handle)):
		p.askLogout(w, &f, here) // of another session, or another site's doing
	default:
		err = p.part(w, r, &f, here.session.Value.SID, f.SID)
	}
	if err == nil {
		return nil
	}
	e := p.toldOf(&f, err)
	e.form = p.logoutForm(form.Get("request"), form.Get("token"))
	return e
}

// reopened is what the form of askLogout held. What is not registered any more
// is forgotten.
func (p *Provider) reopened(sealed string) (farewell, bool) {
	var f farewell
	plain, ok := p.store.Keyring().Open("logout", sealed)
	if !ok || json.Unmarshal(plain, &f) != nil {
		return farewell{}, false
	}
	if client, registered := p.client(f.Client); !registered || !client.mayLeadTo(f.URI) {
		f.URI = ""
	}
	return f, true
}

// part ends sessions, takes the cookie, and leads the person on.
func (p *Provider) part(w http.ResponseWriter, r *http.Request, f *farewell, sids ...string) error {
	for _, sid := range sids {
		if err := p.endSession(r.Context(), sid); err != nil {
			return err
		}
	}
	if _, err := r.Cookie(p.sessionCookie()); err == nil {
		p.takeSession(w)
	}
	if f.URI == "" {
		pages.Write(w, http.StatusOK, p.farewellPage(pages.LoggedOut, f))
		return nil
	}
	to := f.URI
	if f.State != "" {
		to = responseURL(&Request{RedirectURI: f.URI}, []pages.Field{{Name: "state", Value: f.State}})
	}
	if r.Method == http.MethodPost && r.Header.Get("Origin") != "" { // a form's POST must not redirect: see navigate; only browsers have forms
		page := p.farewellPage(pages.Navigate, f)
		page.URL = to
		pages.Write(w, http.StatusOK, page)
		return nil
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// farewellPage is a page about a logout, with the way back to the application.
func (p *Provider) farewellPage(kind pages.Kind, f *farewell) pages.Page {
	page := pages.Page{Kind: kind, Locale: f.Locale}
	if client, ok := p.client(f.Client); ok {
		page.App, page.Home = client.Name, client.Home
	}
	return page
}

// toldOf is an error that the person is told, by the application's name.
func (p *Provider) toldOf(f *farewell, err error) *Error {
	e := *worldly(err)
	e.tongue = f.Locale
	if client, ok := p.client(f.Client); ok {
		e.terms = &client.Terms
	}
	return &e
}
