package login

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// Return is where itsme leads the browser. The two halves of the login, the
// cookie and the proof, are checked before anybody is asked anything.
func (l *Logins) Return(w http.ResponseWriter, r *http.Request) error {
	back, ok := l.proofs.homecomingOf(r)
	switch {
	case !ok && l.proofs.shape == ReturnFixed:
		return l.returnByCookie(w, r)
	case !ok:
		return oauth.BadRequest("This return URL is not complete.")
	}
	h, known := l.cookies.of(r, back.login)
	if !known || !l.proofs.proves(back.proof, h, back.attempt) {
		edge.EventOf(r.Context()).Add(slog.Bool("cookie", known), slog.Bool("proof", false))
		l.screens.otherBrowser(w, r, back.login)
		return nil
	}
	v, err := l.visits.visit(r.Context(), h)
	if err != nil {
		return l.screens.withHome(r, h.ID(), err)
	}
	if back.attempt != v.login.Value.Attempt.Number {
		return l.present(w, r, v)
	}
	return l.receive(w, r, v)
}

// returnByCookie is for insecure_fixed_return_url: the cookie alone must do.
// Of several logins it is the newest that waits for word from CM.
func (l *Logins) returnByCookie(w http.ResponseWriter, r *http.Request) error {
	open := l.cookies.all(r)
	for i := len(open) - 1; i >= 0; i-- {
		v, err := l.visits.visit(r.Context(), open[i].handle)
		if err != nil {
			return l.screens.withHome(r, open[i].handle.ID(), err)
		}
		if v.asks() || i == 0 || v.login.OK && v.login.Value.Outcome != nil {
			return l.receive(w, r, v)
		}
		v.release(r.Context())
	}
	l.screens.otherBrowser(w, r, "")
	return nil
}

// receive goes on with a browser that has both halves.
func (l *Logins) receive(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.asks() || !v.lease.Held() {
		return l.present(w, r, v)
	}
	if v.left() < l.desk.timeout+l.visits.writeBudget {
		// Redis was slow. What CM gives out now might come too late to be kept.
		v.release(r.Context())
		l.screens.waiting(w, r, v.handle, &v.login.Value, time.Second)
		return nil
	}
	return l.collect(w, r, v)
}

// collect asks CM, once, and writes what it says before anybody is told.
//
// From here on the browser may hang up and the process may be told to stop: the
// work goes on under a deadline of its own, within the lease, and the drain
// waits for it.
func (l *Logins) collect(w http.ResponseWriter, r *http.Request, v *visit) error {
	l.fetching.Add(1)
	defer l.fetching.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()

	result, asked := l.desk.ask(ctx, &v.login.Value, &v.transaction.Value)
	for {
		verdict, err := l.decide(v, result, asked)
		if err != nil {
			return err
		}
		written, err := v.settle(ctx, &verdict)
		if err != nil {
			return l.screens.withHome(r, v.handle.ID(), lost(err, verdict.grant != nil))
		}
		if written {
			l.metrics.login(verdict.login.Terms.ID, string(verdict.said))
			l.consume(ctx, &verdict.login)
			return l.tell(w, r, v, &verdict)
		}
		// Somebody else has written: the person has left, or the lease was lost. An
		// identity in our hands is worth more than another page: judge again by
		// what is there now. Anything else is not.
		if v, err = l.visits.look(ctx, v.handle); err != nil {
			return l.screens.withHome(r, v.handle.ID(), lost(err, verdict.grant != nil))
		}
		if !v.login.OK || v.login.Value.Outcome != nil || verdict.grant == nil {
			return l.present(w, r, v)
		}
	}
}

// lost is an answer of CM that Redis did not take before the lease ended. If it
// was an identity, it is gone: this is the one place where that can happen.
func lost(err error, identity bool) error {
	if !identity {
		return oauth.Broken(err)
	}
	return oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
		"The login could not be kept. Try again.").Because(fmt.Errorf("an identity was lost: %w", err))
}

// tell answers the person whose request brought the verdict.
func (l *Logins) tell(w http.ResponseWriter, r *http.Request, v *visit, d *verdict) error {
	switch {
	case d.login.Outcome != nil:
		if d.session != nil {
			l.sessions.Supersede(r)
		}
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
