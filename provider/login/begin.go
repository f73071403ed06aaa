package login

import (
	"context"
	"net/http"
	"slices"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// Begin starts the first attempt of a new login and leads the browser to itsme. This
// browser holds no cookie yet: if it leaves before our answer, nothing is left of the
// login, so it goes with the request's own context. Where CM is not asked, the error says
// so ([IsUnasked]): then there is no login, and nothing has been answered.
func (l *Logins) Begin(w http.ResponseWriter, r *http.Request, a *request.Asking, h storage.Handle, s Start) error {
	edge.EventOf(r.Context()).OfLogin(h.ID())
	if ok, err := l.spend(r.Context(), a.Source.Pushed, s); err != nil || !ok {
		return a.Spent(err)
	}
	login := newLogin(a, s)
	started, word, err := l.desk.start(r.Context(), h, &login)
	if err != nil {
		l.unstart(r.Context(), a.Source.Pushed, s)
		return err
	}
	if ok, err := l.put(r.Context(), h, &login, started, s.becomes(word), storage.Record[Login]{}); err != nil || !ok {
		return a.ToClient(oauth.Unavailable(err))
	}
	edge.EventOf(r.Context()).Genuine()
	l.consume(r.Context(), &login)
	l.trails.add(w, r, h, a, false)
	l.cookies.give(w, r, h)
	edge.EventOf(r.Context()).FoundAt(l.screens.current(h))
	switch {
	case started.AuthenticationURL == "":
		l.failedStart(w, r, h, &login)
	case r.Method == http.MethodPost: // a form's POST must not redirect: see [edge.Navigate]
		l.screens.toItsme(w, r, &login, started.AuthenticationURL)
	default:
		edge.Redirect(w, r, login.Terms.App(), login.Request.Locale, started.AuthenticationURL)
	}
	return nil
}

// newLogin is a login that has not been anywhere.
func newLogin(a *request.Asking, s Start) Login {
	login := Login{
		Terms: a.Client.Terms, Request: a.Request,
		Began: s.note.Began, Expires: s.note.Expires,
		Attempt: Attempt{Number: 1, State: Waiting},
	}
	login.Request.Pushed = a.Source.Pushed
	login.shorten()
	return login
}

// Click begins the login of a "Continue" page, unless an earlier click has. Full
// means that the ceilings are reached, and that nothing has been answered; so does an
// error that says that CM was not asked: see [Logins.Begin].
func (l *Logins) Click(w http.ResponseWriter, r *http.Request, a *request.Asking, h storage.Handle) (full bool, err error) {
	v := l.visits.begin(h)
	edge.EventOf(r.Context()).OfLogin(h.ID())
	edge.EventOf(r.Context()).FoundAt(l.screens.current(h))
	busy, start, err := l.Count(r.Context(), a, h, v.reads(v.acquire())...)
	if err != nil {
		v.release(r.Context())
		return false, a.ToClient(err)
	}
	switch {
	case !v.login.OK && v.lease.Busy(): // an earlier click is about to begin it
		l.Uncount(r.Context(), start)
		l.screens.beginning(w, r, h, a.Client.App(), a.Locale)
		return false, nil
	case v.login.OK || !v.lease.Held():
		edge.EventOf(r.Context()).Genuine()
		l.Uncount(r.Context(), start)
		return false, l.present(w, r, v)
	case busy.Full:
		l.Uncount(r.Context(), start)
		v.release(r.Context())
		return true, nil
	}
	return false, l.beginAt(w, r, a, v, start)
}

// beginAt begins a login whose cookie the browser holds already: if it leaves
// now and comes again, it finds the transaction that this click is about to pay
// for, or at least its label.
func (l *Logins) beginAt(w http.ResponseWriter, r *http.Request, a *request.Asking, v *visit, s Start) error {
	h := v.handle
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()
	if err := l.visits.labels.Put(ctx, storage.HandleOf(h.ID(), ""), labelFor(&a.Client.Terms, a.Locale), memory); err != nil {
		l.Uncount(ctx, s)
		v.abandon(ctx)
		return a.ToClient(oauth.Broken(err))
	}
	if ok, err := l.spend(ctx, a.Source.Pushed, s); err != nil || !ok {
		v.release(ctx)
		return a.Spent(err)
	}
	login := newLogin(a, s)
	started, word, err := l.desk.start(ctx, h, &login)
	if err != nil {
		l.unstart(ctx, a.Source.Pushed, s)
		v.release(ctx)
		return err
	}
	written, err := l.put(ctx, h, &login, started, s.becomes(word), v.login, v.lease.Release(0))
	if err != nil {
		v.abandon(ctx)
		return a.ToClient(oauth.Broken(err))
	}
	if !written { // the lease was lost, and another click was faster
		if err := v.again(context.WithoutCancel(ctx)); err != nil {
			v.release(ctx)
			return a.ToPerson(err)
		}
		return l.present(w, r, v)
	}
	edge.EventOf(ctx).Genuine()
	l.consume(ctx, &login)
	l.trails.add(w, r, h, a, false)
	l.cookies.give(w, r, h)
	if started.AuthenticationURL == "" {
		l.failedStart(w, r, h, &login)
		return nil
	}
	l.screens.toItsme(w, r, &login, started.AuthenticationURL)
	return nil
}

// spend takes one of the transactions that a pushed request may start. Where it
// may not, the start that was counted for the client is taken back.
func (l *Logins) spend(ctx context.Context, pushed string, s Start) (ok bool, err error) {
	if ok, err = l.pushes.Spend(ctx, pushed, s.note.ID); !ok {
		l.Uncount(ctx, s)
	}
	return ok, err
}

// consume uses a login's pushed request up, once the login is over.
func (l *Logins) consume(ctx context.Context, login *Login) {
	if login.Outcome != nil {
		l.pushes.Consume(ctx, login.Request.Pushed)
	}
}

// Resume leads a browser back to the login that it began with the same
// request_uri, while that is under way, or its answer may have got lost. For
// everybody else the request_uri must still be good.
func (l *Logins) Resume(w http.ResponseWriter, r *http.Request, a *request.Asking) (done bool, err error) {
	if a.Pushed == nil {
		return false, nil
	}
	over := !a.Pushed.Good(l.now())
	for _, c := range l.cookies.all(r) {
		if !slices.Contains(a.Pushed.Logins, c.handle.ID()) {
			continue
		}
		l.screens.at(w, r, c.handle)
		v, err := l.visits.look(r.Context(), c.handle)
		switch {
		case err != nil:
			return true, a.ToPerson(err)
		case !v.login.OK && !v.lease.Busy(): // who was about to begin it died
			continue
		case !v.login.OK || v.login.Value.Outcome == nil:
			return true, l.present(w, r, v)
		}
		if done, err := l.again(w, r, v); done || err != nil {
			return true, err
		}
		over = true // a second request with it is none of a login that is complete
	}
	if over {
		return true, a.Stale()
	}
	return false, nil
}

// failedStart answers the person whose attempt got no transaction.
func (l *Logins) failedStart(w http.ResponseWriter, r *http.Request, h storage.Handle, login *Login) {
	if login.Outcome != nil {
		l.respond(w, r, login)
		return
	}
	l.screens.stopped(w, r, h, login)
}
