package provider

import (
	"net/http"

	"itsme-bridge/storage"
)

// leave is "back to the application": the client is told how the login ended,
// and the login is over.
func (p *Provider) leave(w http.ResponseWriter, r *http.Request) error {
	h, attempt, err := p.formTarget(r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		p.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	for {
		// No lease: a person may leave while somebody else asks CM. Whoever
		// writes first decides.
		v, err := p.look(r.Context(), h)
		if err != nil {
			return p.onceMore(r, "/itsme/leave", h, attempt, err)
		}
		l := v.login.Value
		switch {
		case !v.login.OK:
			p.late(w, r, h)
			return nil
		case l.Outcome != nil:
			return p.finished(w, r, v)
		case l.Attempt.Number != attempt: // the page is older than what another tab began
			return p.present(w, r, v)
		}
		l.Outcome = l.parting()
		l.Outcome.At = p.now()
		written, err := p.store.Commit(r.Context(),
			p.logins.Replace(h, v.login, l, l.life(p.now())), p.transactions.Drop(h.ID()))
		if err != nil {
			return p.onceMore(r, "/itsme/leave", h, attempt, broken(err))
		}
		if written {
			p.metrics.login(l.Terms.ID, "left")
			p.consume(r.Context(), &l)
			p.respond(w, r, &l.Request, l.Outcome)
			return nil
		}
	}
}

// parting is what the client is told of a login that a person leaves. This is
// the click after which Keycloak may begin again by itself: the two texts are
// what it waits for, to the letter.
func (l *Login) parting() *Outcome {
	if l.Attempt.seen() == Expired && l.Terms.RestartExpired {
		return &Outcome{Error: temporarilyUnavailable, Description: "authentication_expired"}
	}
	return l.failure()
}
