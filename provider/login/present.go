package login

import (
	"net/http"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// present shows a person the login as it is, without asking CM. It is for
// everybody who comes too early, too late, twice, or by an older link.
func (t *teller) present(w http.ResponseWriter, r *http.Request, v *visit) error {
	login := &v.login.Value
	switch {
	case watches(r) && (login.Outcome != nil || v.spent() || !v.lease.Busy()):
		v.release(r.Context())
		settled(w)
	case !v.login.OK && v.lease.Busy(): // another click is about to begin it
		label := t.screens.labelOf(r, v.handle.ID(), nil)
		t.screens.beginning(w, r, v.handle, label.app(), label.Locale)
	case !v.login.OK:
		v.release(r.Context())
		t.screens.late(w, r, v.handle)
	case login.Outcome != nil:
		v.release(r.Context())
		return t.finished(w, r, v)
	case v.spent():
		v.release(r.Context())
		t.screens.over(w, r, v)
	case v.lease.Busy(): // somebody else is acting on it
		t.screens.waiting(w, r, v.handle, login, time.Second)
	default:
		v.release(r.Context())
		t.standing(w, r, v)
	}
	return nil
}

// standing shows where the current attempt stands. Whoever comes here holds the
// cookie, but not the proof of this attempt: on to itsme, to get it.
func (t *teller) standing(w http.ResponseWriter, r *http.Request, v *visit) {
	login := &v.login.Value
	if v.asks() {
		t.screens.toItsme(w, r, login, v.transaction.Value.AuthenticationURL)
		return
	}
	if login.Attempt.State == Waiting { // the transaction has died of old age
		login.Attempt.State = Expired
	}
	t.screens.stopped(w, r, v.handle, login)
}

// finished answers for a login whose outcome is there: the same redirect while
// it can still be of use, and where to go after that.
func (t *teller) finished(w http.ResponseWriter, r *http.Request, v *visit) error {
	if login := v.login.Value; login.Outcome.restarts() && r.Method != http.MethodPost && t.fresh(login.Outcome) {
		// A reload, or *back*, is no click: the client would begin another login, and pay for it.
		login.Attempt.State = Expired
		t.screens.stopped(w, r, v.handle, &login)
		return nil
	}
	done, err := t.again(w, r, v)
	if !done && err == nil {
		t.screens.over(w, r, v)
	}
	return err
}

// again sends the outcome once more, if that can still be of use.
func (t *teller) again(w http.ResponseWriter, r *http.Request, v *visit) (done bool, err error) {
	o := v.login.Value.Outcome
	if t.fresh(o) && (o.Code == "" || v.grant == storage.Sealed) {
		return t.redeliver(w, r, v)
	}
	return false, nil
}

// fresh reports whether an outcome is still told to the browser that it is about.
func (t *teller) fresh(o *Outcome) bool { return t.now().Sub(o.At) < tombstone }

// Current leads a person who holds a login's cookie to where that login is now.
// It knows nothing of the proof, takes no lease and never asks CM: what it shows
// is what the holder of the cookie may see anyway.
func (l *Logins) Current(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	id := r.PathValue("id")
	if !storage.IsID(id) {
		return edge.NotFound(w, r)
	}
	edge.EventOf(r.Context()).OfLogin(id)
	l.screens.speak(w, r, id)
	h, ok := l.cookies.of(r, id)
	if !ok {
		edge.EventOf(r.Context()).Refuse(oauth.WrongBrowser)
		l.screens.otherBrowser(w, r, id)
		return nil
	}
	v, err := l.visits.look(r.Context(), h)
	if err != nil {
		return l.screens.withHome(r, id, err)
	}
	return l.present(w, r, v)
}

// Astray is where a form of ours has led, asked for by its address: a reload
// from the address bar, a restored tab. The person's newest login is what they mean.
func (l *Logins) Astray(w http.ResponseWriter, r *http.Request) error {
	open := l.cookies.all(r)
	if len(open) == 0 {
		return edge.NotFound(w, r)
	}
	edge.EventOf(r.Context()).OfLogin(open[len(open)-1].handle.ID())
	http.Redirect(w, r, l.screens.current(open[len(open)-1].handle), http.StatusSeeOther)
	return nil
}
