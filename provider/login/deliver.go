package login

import (
	"net/http"

	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// deliver sends a finished login's outcome to the client. An ID token in the
// response is signed for each time that it is sent, of what is in Redis
// already: if it cannot be signed, the same address will do it later, and
// nothing is lost.
func (l *Logins) deliver(w http.ResponseWriter, r *http.Request, h storage.Handle, login *Login, g *grant.Grant) error {
	l.sessions.Give(w, login.Outcome.Session, login.Outcome.At)
	if login.Outcome.Code == "" || !login.Request.WantsIDToken() {
		l.respond(w, r, login)
		return nil
	}
	code := login.Outcome.Code
	if !login.Request.WantsCode() {
		code = ""
	}
	answer, err := l.idTokens.Answer(r.Context(), g, code, login.Outcome.At)
	if err != nil {
		return l.screens.withHome(r, h.ID(), err)
	}
	l.screens.issuer.Respond(w, r, &login.Request.Back, &answer)
	return nil
}

// respond tells the client a finished login's outcome as it is.
func (l *Logins) respond(w http.ResponseWriter, r *http.Request, login *Login) {
	answer := login.Outcome.answer()
	l.screens.issuer.Respond(w, r, &login.Request.Back, &answer)
}

// redeliver sends the same once more, to the same browser, while it is of use.
// After a logout it is not: somebody else may go back to it. A session that has
// only given way to another one costs no login, and does not come back.
func (l *Logins) redeliver(w http.ResponseWriter, r *http.Request, v *visit) error {
	login := &v.login.Value
	if session, ok := storage.ParseHandle(login.Outcome.Session); ok {
		stay, err := l.sessions.Look(r.Context(), session)
		switch {
		case err != nil:
			return l.screens.withHome(r, v.handle.ID(), err)
		case stay.Ended():
			l.screens.over(w, v)
			return nil
		case !stay.Alive(l.now()):
			login.Outcome.Session = ""
		}
	}
	if login.Outcome.Code == "" || !login.Request.WantsIDToken() {
		return l.deliver(w, r, v.handle, login, nil)
	}
	code, _ := storage.ParseHandle(login.Outcome.Code) // our own
	grant, ok, err := l.visits.grants.Get(r.Context(), code)
	switch {
	case err != nil:
		return l.screens.withHome(r, v.handle.ID(), oauth.Broken(err))
	case !ok: // taken or dead since it was looked at
		l.screens.over(w, v)
		return nil
	}
	return l.deliver(w, r, v.handle, login, &grant)
}
