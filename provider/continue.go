package provider

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// Where nobody can tell whether a request is a person's, or a client starts
// very many, the person is asked to click. The request waits in the form,
// sealed, and the login's handle in the cookie; in Redis there is nothing yet,
// so a bot costs us nothing. Since the handle is older than the click, a double
// click finds the login that the first one began.

// pending is an authorization request that waits for a click.
type pending struct {
	source

	Login      string    `json:"login"` // id; the secret is in the cookie
	Parameters string    `json:"parameters"`
	Asked      time.Time `json:"asked"`
}

// patience is how long a "Continue" page may be left open. After that the same
// click brings a fresh one.
const patience = 10 * time.Minute

// askFirst shows the "Continue with itsme" page.
func (p *Provider) askFirst(w http.ResponseWriter, r *http.Request, a *asking) error {
	form, err := p.pendingForm(w, r, a)
	if err != nil {
		return err
	}
	pages.Write(w, http.StatusOK, pages.Page{
		Kind: pages.Continue, Locale: a.locale, App: a.client.Name, Home: a.client.Home, Primary: form,
	})
	return nil
}

// tooMany tells a person to wait; the same click tries again.
func (p *Provider) tooMany(w http.ResponseWriter, r *http.Request, a *asking) error {
	event(r.Context()).Add(slog.Bool("over_limit", true))
	form, err := p.pendingForm(w, r, a)
	if err != nil {
		return err
	}
	pages.Write(w, http.StatusTooManyRequests, pages.Page{
		Kind: pages.TooMany, Locale: a.locale, App: a.client.Name, Home: a.client.Home, Primary: form,
		Reference: event(r.Context()).Reference,
	})
	return nil
}

// noCookies tells a person that this browser keeps none; once it does, the same click works.
func (p *Provider) noCookies(w http.ResponseWriter, r *http.Request, a *asking) error {
	form, err := p.pendingForm(w, r, a)
	if err != nil {
		return err
	}
	pages.Write(w, http.StatusBadRequest, pages.Page{
		Kind: pages.NoCookies, Locale: a.locale, App: a.client.Name, Home: a.client.Home, Primary: form,
	})
	return nil
}

// pendingForm seals the request into a form, under a new login's cookie.
func (p *Provider) pendingForm(w http.ResponseWriter, r *http.Request, a *asking) (*pages.Form, error) {
	h := storage.NewHandle()
	kept := url.Values{}
	for _, name := range known() {
		if a.parameters.Has(name) {
			kept.Set(name, a.get(name))
		}
	}
	sealed, err := json.Marshal(pending{source: a.source, Login: h.ID(), Parameters: kept.Encode(), Asked: p.now()})
	if err != nil {
		return nil, worldly(err)
	}
	p.setUnbornCookie(w, r, h)
	return &pages.Form{
		Action: p.issuer.Path + "/itsme/continue",
		Fields: []pages.Field{{Name: "request", Value: p.store.Keyring().Seal("continue", sealed)}},
	}, nil
}

// proceed is the click on "Continue with itsme".
func (p *Provider) proceed(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	var waiting pending
	sealed, ok := p.store.Keyring().Open("continue", form.Get("request"))
	if !ok || json.Unmarshal(sealed, &waiting) != nil {
		return badRequest("This form is not one of ours. Go back to the application and begin again.")
	}
	parameters, _ := url.ParseQuery(waiting.Parameters) // our own encoding
	a, err := p.ask(r.Context(), parameters, waiting.source, r.Header.Get("Accept-Language"))
	if err != nil { // the client was changed meanwhile
		return err
	}
	event(r.Context()).Add(slog.String("client", a.client.ID))
	h, ok := p.loginOf(r, waiting.Login)
	switch {
	case !ok:
		return p.noCookies(w, r, a)
	case p.now().Sub(waiting.Asked) > patience:
		return p.askFirst(w, r, a)
	}
	return p.click(w, r, a, h)
}

// click begins the login of a "Continue" page, unless an earlier click has.
func (p *Provider) click(w http.ResponseWriter, r *http.Request, a *asking, h storage.Handle) error {
	v := p.newVisit(h)
	busy, err := p.count(r.Context(), a.client.ID, v.reads(v.lease.Acquire(p.config.Lease))...)
	if err != nil {
		p.release(r.Context(), v)
		return a.back(err)
	}
	switch {
	case !v.login.OK && v.lease.Busy(): // an earlier click is about to begin it
		p.uncount(r.Context(), a.client.ID)
		p.waiting(w, r, h, &Login{
			Terms: Terms{Name: a.client.Name, Home: a.client.Home}, Request: Request{Locale: a.locale},
		}, time.Second)
		return nil
	case v.login.OK || !v.lease.Held():
		p.uncount(r.Context(), a.client.ID)
		return p.present(w, r, v)
	case busy.full:
		p.uncount(r.Context(), a.client.ID)
		p.release(r.Context(), v)
		return p.tooMany(w, r, a)
	}
	// The browser holds the cookie: if it leaves now and comes again, it finds
	// the transaction that this click is about to pay for, or at least its label.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()
	if err := p.labels.Put(ctx, storage.HandleOf(h.ID(), ""), a.client.label(a.locale), memory); err != nil {
		return a.back(broken(err))
	}
	if ok, err := p.spend(ctx, a.client.ID, a.source.Pushed, h.ID()); err != nil || !ok {
		p.release(ctx, v)
		return a.unspent(err)
	}
	login := p.newLogin(a)
	started := p.start(ctx, h, &login)
	written, err := p.putLogin(ctx, h, login, started, v.login, v.lease.Release(0))
	if err != nil {
		return a.back(broken(err))
	}
	if !written { // the lease was lost, and another click was faster
		v, err = p.look(context.WithoutCancel(ctx), h)
		if err != nil {
			return a.told(err)
		}
		return p.present(w, r, v)
	}
	p.consume(ctx, &login)
	p.setCookie(w, r, h)
	if started.AuthenticationURL == "" {
		p.failedStart(w, r, h, &login)
		return nil
	}
	p.navigate(w, &login, started.AuthenticationURL)
	return nil
}
