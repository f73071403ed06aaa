package provider

import (
	"log/slog"
	"mime"
	"net/http"
	"net/url"

	"itsme-bridge/storage"
)

// authorize is the authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2).
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) error {
	parameters, err := authorizationParameters(r)
	if err != nil {
		return err
	}
	if p.withoutCookies(r, parameters) {
		p.resubmit(w, r, parameters, known())
		return nil
	}
	if err := p.config.Start.mayFetch(r.Header, parameters.Get("request_uri")); err != nil {
		return err
	}
	a, err := p.ask(r.Context(), parameters, source{}, r.Header.Get("Accept-Language"))
	if a.client != nil {
		event(r.Context()).Add(slog.String("client", a.client.ID))
	}
	if err != nil {
		return err
	}
	if done, err := p.resume(w, r, a); done {
		return err
	}
	if done, err := p.silently(w, r, a); done {
		return err
	}
	if a.prompted("none") {
		return a.back(fail(http.StatusBadRequest, loginRequired, "The person must approve the login in the itsme app."))
	}
	atOnce, err := p.config.Start.mayStart(r.Header)
	if err != nil {
		return a.told(err)
	}
	if !atOnce {
		return p.askFirst(w, r, a)
	}
	busy, err := p.count(r.Context(), a.client.ID)
	if err != nil {
		return a.back(err)
	}
	switch {
	case busy.full:
		p.uncount(r.Context(), a.client.ID)
		return p.tooMany(w, r, a)
	case busy.soft:
		p.uncount(r.Context(), a.client.ID)
		return p.askFirst(w, r, a)
	}
	return p.begin(w, r, a)
}

// authorizationParameters reads the query of a GET and the form of a POST (OpenID Connect Core §3.1.2.1).
func authorizationParameters(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		return formOf(r)
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The query is not properly encoded.")
	}
	return parameters, nil
}

// formOf reads the form of a POST, and nothing from the URL.
func formOf(r *http.Request) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, badRequest("The body is not application/x-www-form-urlencoded.")
	}
	if err := r.ParseForm(); err != nil {
		return nil, badRequest("The form is not properly encoded, or too large.")
	}
	return r.PostForm, nil
}

// told is an error that the person is told, by the application's name.
func (a *asking) told(err error) *Error {
	e := *worldly(err)
	e.terms, e.tongue = &a.client.Terms, a.locale
	return &e
}

// back sends whatever went wrong back to the client.
func (a *asking) back(err error) error {
	e := a.told(err)
	e.back = &a.request
	return e
}

// begin starts the first attempt and leads the browser to itsme. This browser
// holds no cookie yet: if it leaves before our answer, nothing is left of the
// login, so it goes with the request's own context.
func (p *Provider) begin(w http.ResponseWriter, r *http.Request, a *asking) error {
	h := storage.NewHandle()
	if ok, err := p.spend(r.Context(), a.client.ID, a.source.Pushed, h.ID()); err != nil || !ok {
		return a.unspent(err)
	}
	login := p.newLogin(a)
	started := p.start(r.Context(), h, &login)
	if ok, err := p.putLogin(r.Context(), h, login, started, storage.Record[Login]{}); err != nil || !ok {
		return a.back(unavailable(err))
	}
	p.consume(r.Context(), &login)
	p.setCookie(w, r, h)
	switch {
	case started.AuthenticationURL == "":
		p.failedStart(w, r, h, &login)
	case r.Method == http.MethodPost: // a form's POST must not redirect: see navigate
		p.navigate(w, &login, started.AuthenticationURL)
	default:
		http.Redirect(w, r, started.AuthenticationURL, http.StatusSeeOther)
	}
	return nil
}

// unspent is why a pushed request could not begin another transaction.
func (a *asking) unspent(err error) error {
	if err == nil {
		err = badRequestURI("The request_uri has been used, or too often.")
	}
	return a.told(err)
}

// newLogin is a login that has not been anywhere.
func (p *Provider) newLogin(a *asking) Login {
	request := a.request
	request.Pushed = a.source.Pushed
	return Login{
		Terms: a.client.Terms, Request: request,
		Expires: p.now().Add(a.client.Deadline),
		Attempt: Attempt{Number: 1, State: Waiting},
	}
}
