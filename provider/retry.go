package provider

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// retry is "try again": the next attempt of the same login, with a transaction
// and a proof of its own, so that the application need not begin again. A
// second tab finds the attempt that the first one began.
func (p *Provider) retry(w http.ResponseWriter, r *http.Request) error {
	h, attempt, err := p.formTarget(r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		p.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	v, err := p.visit(r.Context(), h)
	if err != nil {
		return p.onceMore(r, "/itsme/retry", h, attempt, err)
	}
	l := &v.login.Value
	switch {
	case v.login.OK && l.Outcome == nil && !v.lease.Held(): // another tab is at it
		p.waiting(w, r, h, l, time.Second)
		return nil
	case !v.login.OK || l.Outcome != nil || v.asks() || l.Attempt.Number != attempt || !p.mayRetry(l):
		return p.present(w, r, v)
	}
	busy, err := p.count(r.Context(), l.Terms.ID)
	if err != nil {
		p.release(r.Context(), v)
		return p.onceMore(r, "/itsme/retry", h, attempt, err)
	}
	if busy.full {
		p.uncount(r.Context(), l.Terms.ID)
		p.release(r.Context(), v)
		page := p.pageOf(pages.TooMany, r, h, l)
		page.Primary = p.form("/itsme/retry", h, l.Attempt.Number)
		pages.Write(w, http.StatusTooManyRequests, page)
		return nil
	}
	return p.again(w, r, v)
}

// onceMore lets the page of an error offer the same form again.
func (p *Provider) onceMore(r *http.Request, path string, h storage.Handle, attempt int, err error) error {
	e := *worldly(p.withHome(r, h.ID(), err))
	e.form = p.form(path, h, attempt)
	return &e
}

// again begins the next attempt. The browser holds the cookie, so if it leaves
// now and comes back it finds what was begun.
func (p *Provider) again(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()
	next := v.login.Value
	if ok, err := p.spend(ctx, next.Terms.ID, next.Request.Pushed, v.handle.ID()); err != nil || !ok {
		p.release(ctx, v)
		return p.exhausted(r, v, err)
	}
	next.Attempt = Attempt{Number: next.Attempt.Number + 1, State: Waiting}
	started := p.start(ctx, v.handle, &next)
	written, err := p.putLogin(ctx, v.handle, next, started, v.login, v.lease.Release(0))
	if err != nil {
		return p.withHome(r, v.handle.ID(), broken(err))
	}
	if !written { // somebody was faster: show what they made of it
		v, err = p.look(context.WithoutCancel(ctx), v.handle)
		if err != nil {
			return p.withHome(r, v.handle.ID(), err)
		}
		return p.present(w, r, v)
	}
	if started.AuthenticationURL == "" {
		p.failedStart(w, r, v.handle, &next)
		return nil
	}
	p.navigate(w, &next, started.AuthenticationURL)
	return nil
}

// exhausted: the login's pushed request starts nothing any more. The page leads
// back to the application, which can push another.
func (p *Provider) exhausted(r *http.Request, v *visit, err error) error {
	if err == nil {
		err = badRequestURI("The request_uri has been used, or too often.")
	}
	return p.withHome(r, v.handle.ID(), err)
}

// formTarget is the login and the attempt that a form of ours is about. The
// handle is empty where the browser has no cookie for it.
func (p *Provider) formTarget(r *http.Request) (storage.Handle, int, error) {
	form, err := formOf(r)
	if err != nil {
		return storage.Handle{}, 0, err
	}
	attempt, err := strconv.Atoi(form.Get("attempt"))
	if err != nil || !validID(form.Get("login")) {
		return storage.Handle{}, 0, badRequest("This form is not one of ours. Go back to the application and begin again.")
	}
	h, ok := p.loginOf(r, form.Get("login"))
	if !ok || !p.formTokenFits(form.Get("token"), h, attempt) {
		return storage.Handle{}, 0, nil
	}
	return h, attempt, nil
}
