package login

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// Return is where itsme leads the browser. The two halves of the login, the
// cookie and the proof, are checked before anybody is asked anything.
func (l *Logins) Return(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	if reloads(r) && edge.Chosen(r) == "" { // a choice is written into the trail that the browser has now
		return l.holds.hold(w, r, l.comeHome)
	}
	return l.comeHome(w, r)
}

// comeHome is one look of a browser that comes back.
func (l *Logins) comeHome(w http.ResponseWriter, r *http.Request) error {
	back, ok := l.proofs.homecomingOf(r)
	switch {
	case !ok && l.proofs.shape == ReturnFixed:
		return l.returnByCookie(w, r)
	case !ok:
		return oauth.BadRequest("This return URL is not complete.")
	}
	l.screens.speak(w, r, back.login)
	h, known := l.cookies.of(r, back.login)
	if !known || !l.proofs.proves(back.proof, h, back.attempt) {
		edge.EventOf(r.Context()).Add(slog.Bool("cookie", known), slog.Bool("proof", false))
		edge.EventOf(r.Context()).Refuse(missingHalf(known))
		l.screens.otherBrowser(w, r, back.login)
		return nil
	}
	if l.proofs.shape == ReturnQuery {
		edge.EventOf(r.Context()).Keeps(returnParameter)
	}
	v, err := l.visits.visit(r.Context(), h)
	if err != nil {
		return l.screens.keptFor(r, h.ID(), err)
	}
	l.returned(r, v)
	if back.attempt != v.login.Value.Attempt.Number {
		return l.present(w, r, v)
	}
	return l.receive(w, r, v)
}

// returned counts a browser that has come back. The script of its page is not another
// one, nor is a second look for a request that is held.
func (l *Logins) returned(r *http.Request, v *visit) {
	if !watches(r) && !edge.EventOf(r.Context()).IsHeld() {
		l.metrics.step(v.login.Value.Terms.ID, StepReturned)
	}
}

// missingHalf is which of the two halves is not there.
func missingHalf(cookie bool) oauth.Attack {
	if cookie {
		return oauth.WrongProof
	}
	return oauth.WrongBrowser
}

// returnByCookie is for insecure_fixed_return_url: the cookie alone must do.
// Of several logins it is the newest that waits for word from CM, or else the
// newest whose end can be told.
func (l *Logins) returnByCookie(w http.ResponseWriter, r *http.Request) error {
	var told *visit
	open := l.cookies.all(r)
	for i := len(open) - 1; i >= 0; i-- {
		v, err := l.visits.visit(r.Context(), open[i].handle)
		if err != nil || v.asks() { // it is the one that is shown
			l.screens.speak(w, r, open[i].handle.ID())
		}
		if err != nil {
			return l.screens.keptFor(r, open[i].handle.ID(), err)
		}
		if v.asks() {
			l.returned(r, v)
			return l.receive(w, r, v)
		}
		v.release(r.Context())
		if told == nil || told.login.Value.Outcome == nil && v.login.Value.Outcome != nil {
			told = v
		}
	}
	if told == nil {
		edge.EventOf(r.Context()).Refuse(oauth.WrongBrowser)
		l.screens.otherBrowser(w, r, "")
		return nil
	}
	l.screens.speak(w, r, told.handle.ID())
	return l.present(w, r, told)
}

// receive goes on with a browser that has both halves.
func (l *Logins) receive(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.asks() || !v.lease.Held() {
		return l.present(w, r, v)
	}
	v.watched = watches(r)
	if v.login.Value.Attempt.Untold && v.watched { // for the page to tell
		v.release(r.Context())
		settled(w)
		return nil
	}
	if v.login.Value.Attempt.Untold {
		return l.tellLate(w, r, v)
	}
	if v.left() < l.upstream+l.visits.writeBudget {
		// Redis was slow. What CM gives out now might come too late to be kept.
		v.release(r.Context())
		l.screens.waiting(w, r, v.handle, &v.login.Value, time.Second)
		return nil
	}
	return l.collect(w, r, v)
}

// collect asks CM, once, and tells the person what came of it, as soon as it is
// written. An answer that lets itself be waited for is found by the page that
// looks again.
func (l *Logins) collect(w http.ResponseWriter, r *http.Request, v *visit) error {
	login, told := v.login.Value, decided{visit: v}
	err, done := edge.Apart(r, patience, &l.fetching, func(ctx context.Context) (err error) {
		told, err = l.fetch(ctx, v)
		return err
	})
	switch {
	case !done: // the visit is theirs who go on with it
		as := login
		l.screens.waiting(w, r, v.handle, &as, time.Second)
		return nil
	case err != nil:
		return l.screens.withHome(r, v.handle.ID(), err)
	case told.verdict != nil:
		return l.tell(w, r, told.visit, told.verdict)
	case told.unasked == nil:
		return l.present(w, r, told.visit)
	}
	l.screens.waiting(w, r, v.handle, &v.login.Value, againIn(told.unasked))
	return nil
}

// tell answers the person whose request brought the verdict.
func (l *Logins) tell(w http.ResponseWriter, r *http.Request, v *visit, d *verdict) error {
	waits := d.login.Attempt.State == Waiting && d.login.Outcome == nil
	switch {
	case v.watched && !waits:
		settled(w)
	case v.watched: // also where CM was silent: the page tells that, when it comes
		l.screens.waiting(w, r, v.handle, &d.login, d.pause)
	case d.login.Outcome != nil:
		return l.deliver(w, r, v.handle, &d.login, d.grant)
	case d.login.Attempt.seen() == Unavailable:
		l.screens.unanswered(w, r, v.handle, &d.login)
	case d.login.Attempt.State == Waiting:
		l.screens.waiting(w, r, v.handle, &d.login, d.pause)
	default:
		l.screens.stopped(w, r, v.handle, &d.login)
	}
	return nil
}

// tellLate tells a person whose page has looked again that CM has given no answer
// the last time, before it is asked once more.
func (l *Logins) tellLate(w http.ResponseWriter, r *http.Request, v *visit) error {
	login := v.login.Value
	login.Attempt.Untold = false
	if _, err := v.rewrite(context.WithoutCancel(r.Context()), login); err != nil {
		v.abandon(r.Context())
		return l.screens.keptFor(r, v.handle.ID(), oauth.Broken(err))
	}
	l.screens.unanswered(w, r, v.handle, &login)
	return nil
}
