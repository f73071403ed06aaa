package login

import (
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// More is "I need more time", posted to the return URL by its waiting page. An
// attempt that is left alone ends a minute after the browser's return, so that
// nobody's approval is taken for a page that somebody has walked away from. A person
// who does something is there: each act gives another minute, up to the deadline of
// the login. CM is not asked; the page that the browser is led back to does that.
func (l *Logins) More(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	h, attempt, err := l.formTarget(w, r)
	if err != nil {
		return err
	}
	known := h != (storage.Handle{})
	if known && !l.proofs.broughtBy(r, h, attempt) {
		edge.EventOf(r.Context()).Refuse(oauth.WrongProof)
		known = false
	}
	if !known {
		l.screens.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	for {
		// No lease, as in Leave: somebody else may be asking CM.
		v, err := l.visits.look(r.Context(), h)
		if err != nil {
			return l.moreAgain(r, h, attempt, err)
		}
		login := v.login.Value
		if !v.asks() || login.Attempt.Number != attempt || login.Attempt.over(l.now()) {
			l.goBack(w, r, nil)
			return nil
		}
		if !login.extend(l.now()) {
			l.goBack(w, r, &login)
			return nil
		}
		written, err := l.visits.store.Commit(r.Context(), v.replace(login))
		if err != nil {
			return l.moreAgain(r, h, attempt, oauth.Broken(err))
		}
		if written {
			edge.EventOf(r.Context()).Add(slog.Bool("more_time", true))
			l.goBack(w, r, &login)
			return nil
		}
	}
}

// goBack answers a page with where it is, and its script with how things stand; a
// nil login: there is nothing to wait for.
func (l *Logins) goBack(w http.ResponseWriter, r *http.Request, login *Login) {
	switch {
	case !watches(r):
		w.Header().Set("Location", edge.Here(r))
		w.WriteHeader(http.StatusSeeOther)
	case login == nil:
		settled(w)
	default:
		l.screens.still(w, login, time.Second)
	}
}

// moreAgain lets the page of an error offer the same once more.
func (l *Logins) moreAgain(r *http.Request, h storage.Handle, attempt int, err error) *oauth.Error {
	e := l.screens.withHome(r, h.ID(), err)
	e.Form = l.proofs.formAt(edge.Here(r), h, attempt)
	return e
}

// extend gives an attempt another minute from now, as far as the deadline lets it.
// It is false where that is no more than it has.
func (l *Login) extend(now time.Time) bool {
	until := now.Add(patienceAfterReturn)
	if until.After(l.Expires) {
		until = l.Expires
	}
	if l.Attempt.Until.IsZero() || !until.After(l.Attempt.Until) {
		return false
	}
	l.Attempt.Until = until
	return true
}

// extensible reports whether there can be more time for an attempt, now or later.
func (l *Login) extensible() bool {
	return l.Attempt.State == Waiting && l.Attempt.Until.Before(l.Expires)
}
