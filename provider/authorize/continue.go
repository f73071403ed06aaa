package authorize

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// Where nobody can tell whether a request is a person's, or a client starts
// very many, the person is asked to click. The request waits in the form,
// sealed, and the login's handle in the cookie; in Redis there is nothing yet,
// so a bot costs us nothing. Since the handle is older than the click, a double
// click finds the login that the first one began.

// pending is an authorization request that waits for a click.
type pending struct {
	request.Source

	Login      string    `json:"login"` // id; the secret is in the cookie
	Parameters string    `json:"parameters"`
	Asked      time.Time `json:"asked"`

	Page   pages.Kind `json:"page,omitempty"`   // on which it waits; empty: Continue
	Locale string     `json:"locale,omitempty"` // in which it was shown; empty: as the request says
}

// patience is how long a "Continue" page may be left open. After that the same
// click brings a fresh one.
const patience = 10 * time.Minute

// ContinuePath is where the click goes.
const ContinuePath = "/itsme/continue"

// askFirst shows the "Continue with itsme" page.
func (e *Endpoints) askFirst(w http.ResponseWriter, r *http.Request, a *request.Asking) error {
	e.logins.CountStep(a.Client.ID, login.StepAsked)
	return e.offer(w, r, a, http.StatusOK, pages.Page{Kind: pages.Continue})
}

// tooMany tells a person to wait; the same click tries again.
func (e *Endpoints) tooMany(w http.ResponseWriter, r *http.Request, a *request.Asking) error {
	edge.EventOf(r.Context()).Add(slog.Bool("over_limit", true))
	return e.offer(w, r, a, http.StatusTooManyRequests, pages.Page{Kind: pages.TooMany, Wait: e.ceilings.Rest()})
}

// begun is what becomes of a login that was begun, or was not since CM was not asked: then
// the same click tries again, unless the client wants to hear of failures at once. It has
// its answer then, and a pushed request is good for one (RFC 9126 §4).
func (e *Endpoints) begun(w http.ResponseWriter, r *http.Request, a *request.Asking, err error) error {
	switch {
	case !login.IsUnasked(err):
		return err
	case a.Client.RedirectFailures:
		e.pushes.Consume(r.Context(), a.Source.Pushed)
		return a.ToClient(oauth.Unavailable(err))
	}
	return e.offer(w, r, a, http.StatusServiceUnavailable, pages.Page{Kind: pages.Unavailable})
}

// noCookies tells a person that this browser keeps none; once it does, the same click works.
func (e *Endpoints) noCookies(w http.ResponseWriter, r *http.Request, a *request.Asking) error {
	return e.offer(w, r, a, http.StatusBadRequest, pages.Page{Kind: pages.NoCookies})
}

// offer shows a page whose button begins the login, under a new login's cookie.
func (e *Endpoints) offer(w http.ResponseWriter, r *http.Request, a *request.Asking, status int, page pages.Page) error {
	return e.hold(w, r, a, e.logins.Await(w, r, a), status, page)
}

// offerIn shows the page of a request that waits once more, in the language that
// the person has just chosen. Nothing is counted or begun, and it is the same login,
// unless the browser has lost its cookie. Where the login has been clicked on already,
// and this page is an old one, they are led to where it stands.
func (e *Endpoints) offerIn(w http.ResponseWriter, r *http.Request, a *request.Asking, waiting *pending) error {
	h, ok := e.logins.Awaited(r, waiting.Login)
	if !ok {
		h = storage.NewKin(a.Kin)
	}
	if e.logins.Clicked(w, r, a, h) {
		return nil
	}
	e.logins.AwaitStill(w, r, a, h)
	page, status := pages.Page{Kind: cmp.Or(waiting.Page, pages.Continue)}, http.StatusOK
	switch page.Kind {
	case pages.TooMany:
		page.Wait, status = e.ceilings.Rest(), http.StatusTooManyRequests
	case pages.Unavailable:
		status = http.StatusServiceUnavailable
	case pages.NoCookies:
		status = http.StatusBadRequest
	default:
	}
	return e.hold(w, r, a, h, status, page)
}

// hold seals the request into the form of a page, for the click that is to come.
// The same form asks for the page in another language.
func (e *Endpoints) hold(w http.ResponseWriter, r *http.Request, a *request.Asking, h storage.Handle, status int, page pages.Page) error {
	kept := url.Values{}
	for _, name := range request.Parameters() {
		if a.Parameters.Has(name) {
			kept.Set(name, a.Get(name))
		}
	}
	if page.Kind != pages.Continue { // it needs no help
		page.Reference = edge.EventOf(r.Context()).Reference
	}
	waiting := pending{Source: a.Source, Login: h.ID(), Parameters: kept.Encode(), Asked: e.now(), Page: page.Kind, Locale: a.Locale}
	sealed, _ := json.Marshal(waiting) // it always encodes
	page.Locale, page.Client, page.App, page.Home = a.Locale, a.Client.ID, a.Client.Name, a.Client.Home
	page.Primary = &pages.Form{
		Action: e.issuer.Path() + ContinuePath,
		Fields: []pages.Field{{Name: "request", Value: e.keyring.Seal("continue", sealed)}},
	}
	page.Switch = &pages.Switch{URL: page.Primary.Action, Post: true, Fields: page.Primary.Fields}
	edge.Show(w, r, status, page)
	return nil
}

// Continue is the click on "Continue with itsme".
func (e *Endpoints) Continue(w http.ResponseWriter, r *http.Request) error {
	form, err := edge.Form(r, "request")
	if err != nil {
		return err
	}
	var waiting pending
	sealed, ok := e.keyring.Open("continue", form.Get("request"))
	if !ok || json.Unmarshal(sealed, &waiting) != nil {
		return oauth.BadRequest("This form is not one of ours. Go back to the application and begin again.").Of(oauth.ForgedForm)
	}
	edge.EventOf(r.Context()).OfLogin(waiting.Login)
	parameters, _ := url.ParseQuery(waiting.Parameters) // our own encoding
	a, err := e.reader.Read(r.Context(), parameters, waiting.Source, r.Header.Get("Accept-Language"))
	if err != nil { // the client was changed meanwhile
		return err
	}
	a.Kin = waiting.Login
	edge.EventOf(r.Context()).Add(slog.String("client", a.Client.ID))
	chosen := edge.Chosen(r)
	a.SpeakIn(cmp.Or(chosen, waiting.Locale))
	h, ok := e.logins.Awaited(r, waiting.Login)
	switch {
	case chosen != "":
		return e.offerIn(w, r, a, &waiting)
	case !ok:
		return e.noCookies(w, r, a)
	case e.now().Sub(waiting.Asked) > patience:
		return e.askFirst(w, r, a)
	}
	full, err := e.logins.Click(w, r, a, h)
	if full {
		return e.tooMany(w, r, a)
	}
	return e.begun(w, r, a, err)
}
