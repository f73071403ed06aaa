package login

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Retry is "try again": the next attempt of the same login, with a transaction
// and a proof of its own, so that the application need not begin again. A
// second tab finds the attempt that the first one began.
func (l *Logins) Retry(w http.ResponseWriter, r *http.Request) error {
	h, attempt, err := l.formTarget(w, r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		l.screens.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	v, err := l.visits.visit(r.Context(), h)
	if err != nil {
		return l.screens.onceMore(r, "/itsme/retry", h, attempt, err)
	}
	login := &v.login.Value
	switch {
	case v.login.OK && login.Outcome == nil && !v.lease.Held(): // another tab is at it
		l.screens.waiting(w, r, h, login, time.Second)
		return nil
	case v.restarts() && login.Attempt.Number == attempt:
		return l.restart(w, r, v)
	case !v.login.OK || login.Outcome != nil || v.spent() || v.asks() || login.Attempt.Number != attempt || !l.screens.mayRetry(login):
		return l.present(w, r, v)
	}
	busy, start, err := l.countNext(r.Context(), h, login)
	if err != nil {
		v.release(r.Context())
		return l.screens.onceMore(r, "/itsme/retry", h, attempt, err)
	}
	if busy.Full {
		l.Uncount(r.Context(), start)
		v.release(r.Context())
		l.screens.full(w, r, h, login, l.ceilings.Rest())
		return nil
	}
	return l.next(w, r, v, start)
}

// restart lets a client that does so begin again by itself, with another login.
func (l *Logins) restart(w http.ResponseWriter, r *http.Request, v *visit) error {
	defer v.release(r.Context())
	written, err := l.closeWith(w, r, v, restarting(), ledger.Restarted)
	switch {
	case err != nil:
		return l.screens.onceMore(r, "/itsme/retry", v.handle, v.login.Value.Attempt.Number, oauth.Broken(err))
	case written:
		return nil
	}
	is, err := l.visits.look(r.Context(), v.handle)
	if err != nil {
		return l.screens.withHome(r, v.handle.ID(), err)
	}
	return l.present(w, r, is)
}

// next begins the next attempt. The browser holds the cookie, so if it leaves
// now and comes back it finds what was begun.
func (l *Logins) next(w http.ResponseWriter, r *http.Request, v *visit, s Start) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()
	next := v.login.Value
	if ok, err := l.spend(ctx, next.Request.Pushed, s); err != nil || !ok {
		v.release(ctx)
		if err != nil {
			return l.screens.withHome(r, v.handle.ID(), err)
		}
		l.screens.usedUp(w, r, v.handle, &next)
		return nil
	}
	next.Request.Locale = edge.Language(r, next.Request.Locale) // itsme speaks it too
	next.Attempt = Attempt{Number: next.Attempt.Number + 1, State: Waiting}
	started, word, err := l.desk.start(ctx, v.handle, &next)
	if err != nil { // no attempt is used up
		l.unstart(ctx, next.Request.Pushed, s)
		v.release(ctx)
		l.screens.away(w, r, v.handle, v.login.Value)
		return nil
	}
	written, err := l.put(ctx, v.handle, &next, started, s.becomes(word), v.login, v.lease.Release(0))
	if err != nil {
		v.abandon(ctx)
		return l.screens.withHome(r, v.handle.ID(), oauth.Broken(err))
	}
	if !written { // somebody was faster: show what they made of it
		if err := v.again(context.WithoutCancel(ctx)); err != nil {
			return l.screens.withHome(r, v.handle.ID(), err)
		}
		return l.present(w, r, v)
	}
	l.metrics.step(next.Terms.ID, StepRetried)
	if started.AuthenticationURL == "" {
		l.failedStart(w, r, v.handle, &next)
		return nil
	}
	l.screens.toItsme(w, r, &next, started.AuthenticationURL)
	return nil
}

// misfit is why a form is not one of this browser's.
func misfit(cookie bool) oauth.Attack {
	if cookie {
		return oauth.ForgedForm
	}
	return oauth.WrongBrowser
}

// formTarget is the login and the attempt that a form of ours is about. The
// handle is empty where the browser has no cookie for it.
func (l *Logins) formTarget(w http.ResponseWriter, r *http.Request) (storage.Handle, int, error) {
	form, err := edge.Form(r, "login", "attempt", "token")
	if err != nil {
		return storage.Handle{}, 0, err
	}
	attempt, err := strconv.Atoi(form.Get("attempt"))
	if err != nil || !storage.IsID(form.Get("login")) {
		return storage.Handle{}, 0, oauth.BadRequest("This form is not one of ours. Go back to the application and begin again.").Of(oauth.ForgedForm)
	}
	edge.EventOf(r.Context()).OfLogin(form.Get("login"))
	h, ok := l.cookies.of(r, form.Get("login"))
	if !ok || !l.proofs.fits(form.Get("token"), h, attempt) {
		edge.EventOf(r.Context()).Refuse(misfit(ok))
		return storage.Handle{}, 0, nil
	}
	l.screens.at(w, r, h)
	return h, attempt, nil
}
