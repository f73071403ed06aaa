package login

import (
	"net/http"
	"time"

	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// teller answers for a login as it stands, whoever asks: a person with a page,
// the client with the outcome.
type teller struct {
	visits   *visits
	screens  *screens
	cookies  cookies
	sessions *session.Sessions
	idTokens *grant.IDTokens
	now      func() time.Time
}

// deliver sends a finished login's outcome to the client. An ID token in the
// response is signed for each time that it is sent, of what is in Redis
// already: if it cannot be signed, the same address will do it later, and
// nothing is lost.
func (t *teller) deliver(w http.ResponseWriter, r *http.Request, h storage.Handle, login *Login, g *grant.Grant) error {
	t.cookies.retire(w, r, h)
	t.give(w, r, login.Outcome)
	if login.Outcome.Code == "" || !login.Request.WantsIDToken() {
		t.respond(w, r, login)
		return nil
	}
	code := login.Outcome.Code
	if !login.Request.WantsCode() {
		code = ""
	}
	answer, err := t.idTokens.Answer(r.Context(), g, code, login.Outcome.At)
	if err != nil {
		return t.screens.withHome(r, h.ID(), err)
	}
	t.screens.issuer.Respond(w, r, login.Terms.App(), &login.Request.Back, &answer)
	return nil
}

// give gives the browser the session that came of a login, in place of the one
// that it had.
func (t *teller) give(w http.ResponseWriter, r *http.Request, o *Outcome) {
	if o.Session == "" {
		return
	}
	if old, ok := t.sessions.Of(r); ok && old.Text() != o.Session {
		t.sessions.Supersede(r)
	}
	t.sessions.Give(w, o.Session, o.At)
}

// respond tells the client a finished login's outcome as it is.
func (t *teller) respond(w http.ResponseWriter, r *http.Request, login *Login) {
	answer := login.Outcome.answer()
	t.screens.issuer.Respond(w, r, login.Terms.App(), &login.Request.Back, &answer)
}

// redeliver sends the same once more, to the same browser, while it is of use.
// After a logout it is not, and nothing is sent: somebody else may go back to it. A
// session that has only given way to another one costs no login, and does not come back.
func (t *teller) redeliver(w http.ResponseWriter, r *http.Request, v *visit) (done bool, err error) {
	login := &v.login.Value
	if session, ok := storage.ParseHandle(login.Outcome.Session); ok {
		stay, err := t.sessions.Look(r.Context(), session)
		switch {
		case err != nil:
			return false, t.screens.withHome(r, v.handle.ID(), err)
		case stay.Ended():
			return false, nil
		case !stay.Alive(t.now()):
			login.Outcome.Session = ""
		}
	}
	if login.Outcome.Code == "" || !login.Request.WantsIDToken() {
		return true, t.deliver(w, r, v.handle, login, nil)
	}
	code, _ := storage.ParseHandle(login.Outcome.Code) // our own
	grant, ok, err := t.visits.grants.Get(r.Context(), code)
	switch {
	case err != nil:
		return false, t.screens.withHome(r, v.handle.ID(), oauth.Broken(err))
	case !ok: // taken or dead since it was looked at
		return false, nil
	}
	return true, t.deliver(w, r, v.handle, login, &grant)
}
