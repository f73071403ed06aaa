package login

import (
	"net/http"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Leave is "back to the application": the client is told how the login ended,
// and the login is over.
func (l *Logins) Leave(w http.ResponseWriter, r *http.Request) error {
	h, attempt, err := l.formTarget(w, r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		l.screens.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	for {
		// No lease: a person may leave while somebody else asks CM. Whoever
		// writes first decides.
		v, err := l.visits.look(r.Context(), h)
		if err != nil {
			return l.screens.onceMore(r, "/itsme/leave", h, attempt, err)
		}
		login := v.login.Value
		switch {
		case !v.login.OK:
			l.screens.late(w, r, h)
			return nil
		case login.Outcome != nil && login.Outcome.restarts() && l.fresh(login.Outcome):
			l.leaveInstead(w, r, &login)
			return nil
		case login.Outcome != nil:
			return l.finished(w, r, v)
		case v.spent(), login.Attempt.Number != attempt: // the page is older than what another tab began, or Redis than the page
			return l.present(w, r, v)
		}
		written, err := l.closeWith(w, r, v, login.failure(), login.leftOutcome())
		if err != nil {
			return l.screens.onceMore(r, "/itsme/leave", h, attempt, oauth.Broken(err))
		}
		if written {
			return nil
		}
	}
}

// leaveInstead leads back from a login that the client has begun anew: whoever leaves
// does not ask it to begin another one.
func (l *Logins) leaveInstead(w http.ResponseWriter, r *http.Request, login *Login) {
	login.Attempt.State = Expired
	login.Outcome = login.failure()
	login.Outcome.At = l.now()
	l.respond(w, r, login)
}

// closeWith ends a login that a person has given up, and tells the client. It is
// false where somebody else has written since the visit.
func (l *Logins) closeWith(w http.ResponseWriter, r *http.Request, v *visit, o *Outcome, ends string) (bool, error) {
	login := v.login.Value
	login.Outcome = o
	login.Outcome.At = l.now()
	note := l.note(v.handle, &login)
	counted := l.ledger.Counted(&note) // somebody comes back long after the deadline: how it ended has been told
	if !counted {
		note.Word, note.Over = login.closingWord(ends), true
	}
	written, err := v.close(r.Context(), login, note)
	if err != nil || !written {
		return false, err
	}
	if !counted {
		l.transactionEnds(&note)
		l.ends(r.Context(), v.handle, &login, ends)
	}
	l.consume(r.Context(), &login)
	l.cookies.retire(w, r, v.handle)
	l.respond(w, r, &login)
	return true, nil
}
