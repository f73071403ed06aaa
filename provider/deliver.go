package provider

import (
	"context"
	"net/http"

	"itsme-bridge/storage"
)

// deliver sends a finished login's outcome to the client. An ID token in the
// response is signed for each time that it is sent, of what is in Redis
// already: if it cannot be signed, the same address will do it later, and
// nothing is lost.
func (p *Provider) deliver(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login, g *Grant) error {
	outcome := *l.Outcome
	p.giveSession(w, &outcome)
	if outcome.Code != "" && l.Request.wantsIDToken() {
		if err := p.accompany(r.Context(), &outcome, &l.Request, g); err != nil {
			return p.withHome(r, h.ID(), err)
		}
	}
	p.respond(w, r, &l.Request, &outcome)
	return nil
}

// accompany adds the ID token to a response, and takes the code from one that
// is to have none: then it only was the name of the grant.
func (p *Provider) accompany(ctx context.Context, o *Outcome, q *Request, g *Grant) error {
	var with companions
	if q.wantsCode() {
		with.code = o.Code
	}
	token, err := p.idToken(ctx, g, with, o.At)
	if err != nil {
		return unavailable(err)
	}
	o.Code, o.idToken = with.code, token
	return nil
}

// redeliver sends the same once more, to the same browser, while it is of use.
// After a logout it is not: somebody else may go back to it. A session that has
// only given way to another one costs no login, and does not come back.
func (p *Provider) redeliver(w http.ResponseWriter, r *http.Request, v *visit) error {
	l := &v.login.Value
	if session, ok := storage.ParseHandle(l.Outcome.Session); ok {
		s, err := p.stayOf(r.Context(), session)
		switch {
		case err != nil:
			return p.withHome(r, v.handle.ID(), err)
		case s.audience.Value.Ended:
			p.over(w, v)
			return nil
		case !s.alive(p.now()):
			l.Outcome.Session = ""
		}
	}
	if l.Outcome.Code == "" || !l.Request.wantsIDToken() {
		return p.deliver(w, r, v.handle, l, nil)
	}
	code, _ := storage.ParseHandle(l.Outcome.Code) // our own
	grant, ok, err := p.grants.Get(r.Context(), code)
	switch {
	case err != nil:
		return p.withHome(r, v.handle.ID(), broken(err))
	case !ok: // taken or dead since it was looked at
		p.over(w, v)
		return nil
	}
	return p.deliver(w, r, v.handle, l, &grant)
}
