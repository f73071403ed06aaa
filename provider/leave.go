package provider

import (
	"net/http"

	"itsme-bridge/storage"
)

// leave is "back to the application": the client is told how the login ended,
// and the login is over.
func (p *Provider) leave(w http.ResponseWriter, r *http.Request) error {
	h, _, err := p.formTarget(r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		p.otherBrowser(w, r, r.PostForm.Get("login"))
		return nil
	}
	for {
		v := p.newVisit(h)
		// No lease: a person may leave while somebody else asks CM. Whoever
		// writes first decides.
		err := p.store.Do(r.Context(), p.logins.Read(h, &v.login), p.grants.State(h.ID(), &v.grant))
		if err != nil {
			return unavailable(err)
		}
		l := v.login.Value
		switch {
		case !v.login.OK:
			p.late(w, r, h)
			return nil
		case l.Outcome != nil:
			p.finished(w, r, v)
			return nil
		}
		l.Outcome = l.failure()
		l.Outcome.At = p.now()
		written, err := p.store.Commit(r.Context(),
			p.logins.Replace(h, v.login, l, l.life(p.now())), p.transactions.Drop(h.ID()))
		if err != nil {
			return unavailable(err)
		}
		if written {
			p.metrics.login(l.Terms.ID, "left")
			p.respond(w, r, &l.Request, l.Outcome)
			return nil
		}
	}
}
