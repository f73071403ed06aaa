package session

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
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

// Join adds a client to the audience before the session serves it. It is not ok
// if somebody else has joined meanwhile, or a logout has ended the session, which
// replaces the audience too: look again. So nobody joins who will not hear.
func (s *Sessions) Join(ctx context.Context, stay *Stay, who Served) (ok bool, err error) {
	if !s.clients.Hears(who.ClientID) || slices.Contains(stay.audience.Value.Served, who) {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.writeBudget)
	defer cancel()
	left := stay.session.Value.Expires.Sub(s.now())
	next := Audience{Served: append(slices.Clone(stay.audience.Value.Served), who)}
	ok, err = s.store.Commit(ctx, s.audiences.Replace(storage.HandleOf(stay.handle.ID(), ""), stay.audience, next, left))
	if err != nil {
		return false, oauth.Broken(err)
	}
	return ok, nil
}

// forgetting is how long it is remembered that a session has ended: whoever
// looked at it before has answered by then, and the code of its login is dead
// (package login redelivers nothing of it; a code lives no longer).
const forgetting = time.Minute

// End ends a session by its sid; what is none of ours ends nothing. Its audience
// is to hear of it first, by announce: if we stop in between, the next try says
// it twice, which does no harm.
func (s *Sessions) End(ctx context.Context, sid string, announce func(context.Context, []Served) error) error {
	id, ok := s.store.Keyring().Open("sid", sid)
	if !s.There() || !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.writeBudget)
	defer cancel()
	h := storage.HandleOf(string(id), "")
	for {
		var was storage.Record[Audience]
		err := s.store.Do(ctx, s.audiences.Read(h, &was))
		if err != nil && !errors.Is(err, storage.ErrUnavailable) {
			return s.endUnheard(ctx, h.ID(), err)
		}
		if err == nil {
			err = announce(ctx, was.Value.Served)
		}
		if err != nil {
			return oauth.Broken(err)
		}
		// Somebody who has joined since must hear too, and without the session
		// nobody joins any more.
		ended, err := s.store.Commit(ctx,
			s.audiences.Replace(h, was, Audience{Ended: true}, forgetting), s.sessions.Drop(h.ID()))
		if err != nil {
			return oauth.Broken(err)
		}
		if ended {
			return nil
		}
	}
}

// endUnheard ends a session whose audience nobody can read any more.
func (s *Sessions) endUnheard(ctx context.Context, id string, cause error) error {
	edge.EventOf(ctx).Add(slog.String("audience", cause.Error()))
	ended := s.audiences.Set(storage.HandleOf(id, ""), Audience{Ended: true}, forgetting)
	if _, err := s.store.Commit(ctx, ended, s.sessions.Drop(id)); err != nil {
		return oauth.Broken(err)
	}
	return nil
}
