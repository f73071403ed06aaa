package provider

import (
	"context"
	"slices"

	"itsme-bridge/storage"
)

// Audience is who is to hear of the end of a browser session. It is sealed under
// the server's key alone, by the session's id, since a logout need not come from the
// browser that holds the session's cookie.
type Audience struct {
	Served []Served `json:"served,omitempty"`
	Ended  bool     `json:"ended,omitempty"` // by a logout: nobody joins any more, and nobody comes back
}

// Served is a client that the session was good for, and its name for the person.
// Only clients that want to hear of logouts are there.
type Served struct {
	ClientID string `json:"client_id"`
	Subject  string `json:"sub"`
}

// hears reports whether a client wants to hear of logouts.
func (p *Provider) hears(client string) bool {
	c, ok := p.client(client)
	return ok && c.BackChannelLogoutURI != ""
}

// anybodyHears reports whether any client wants to hear of logouts.
func (p *Provider) anybodyHears() bool { return p.registry.Load().anybodyHears }

// join adds a client to the audience before the session serves it. It is not ok
// if somebody else has joined meanwhile, or a logout has ended the session, which
// replaces the audience too: look again. So nobody joins who will not hear.
func (p *Provider) join(ctx context.Context, s *stay, who Served) (ok bool, err error) {
	if !p.hears(who.ClientID) || slices.Contains(s.audience.Value.Served, who) {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.WriteBudget)
	defer cancel()
	left := s.session.Value.Expires.Sub(p.now())
	next := Audience{Served: append(slices.Clone(s.audience.Value.Served), who)}
	ok, err = p.store.Commit(ctx, p.audiences.Replace(storage.HandleOf(s.handle.ID(), ""), s.audience, next, left))
	if err != nil {
		return false, broken(err)
	}
	return ok, nil
}
