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
	a, err := p.ask(parameters, r.Header.Get("Accept-Language"))
	if a.client != nil {
		event(r.Context()).Add(slog.String("client", a.client.ID))
	}
	if err != nil {
		return err
	}
	atOnce, err := p.config.Start.mayStart(r.Header)
	if err != nil {
		return err
	}
	if !atOnce {
		return p.askFirst(w, r, a)
	}
	busy, err := p.count(r.Context(), a.client)
	if err != nil {
		return a.back(err)
	}
	switch {
	case busy.full:
		return p.tooMany(w, r, a)
	case busy.soft:
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

// back sends whatever went wrong back to the client.
func (a *asking) back(err error) error {
	e := *worldly(err)
	e.back = &a.request
	e.terms = &a.client.Terms
	return &e
}

// begin starts the first attempt and leads the browser to itsme. This browser
// holds no cookie yet: if it leaves before our answer, nothing is left of the
// login, so it goes with the request's own context.
func (p *Provider) begin(w http.ResponseWriter, r *http.Request, a *asking) error {
	h := storage.NewHandle()
	login := p.newLogin(a)
	started := p.start(r.Context(), h, &login)
	if ok, err := p.putLogin(r.Context(), h, login, started, storage.Record[Login]{}); err != nil || !ok {
		return a.back(unavailable(err))
	}
	p.setCookie(w, r, h, login.life(p.now()))
	if started.AuthenticationURL == "" {
		p.failedStart(w, r, h, &login)
		return nil
	}
	http.Redirect(w, r, started.AuthenticationURL, http.StatusSeeOther)
	return nil
}

// newLogin is a login that has not been anywhere.
func (p *Provider) newLogin(a *asking) Login {
	now := p.now()
	return Login{
		Terms: a.client.Terms, Request: a.request,
		Began: now, Expires: now.Add(a.client.Deadline),
		Attempt: Attempt{Number: 1, State: Waiting},
	}
}
