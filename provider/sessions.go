package provider

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/storage"
)

// SessionPolicy is how long a browser stays logged in, and whom for.
type SessionPolicy struct {
	TTL   time.Duration // since the approval in the app; zero: there are no sessions, every login is a fresh approval
	Share bool          // a session serves every client, not only the one that made it
}

// Sessions are those of browsers.
type Sessions struct {
	issuer      Issuer
	policy      SessionPolicy
	clients     *Registry
	store       *storage.Store
	sessions    *storage.Bucket[BrowserSession]
	audiences   *storage.Bucket[Audience]
	writeBudget time.Duration // how long a write is repeated
	now         func() time.Time
}

// newSessions finds them in a store.
func newSessions(
	issuer Issuer, policy SessionPolicy, clients *Registry, store *storage.Store, writeBudget time.Duration, now func() time.Time,
) *Sessions {
	return &Sessions{
		issuer: issuer, policy: policy, clients: clients, store: store,
		sessions:  storage.NewBucket[BrowserSession](store, "browser"),
		audiences: storage.NewBucket[Audience](store, "logout"),

		writeBudget: writeBudget, now: now,
	}
}

// there reports whether there are sessions at all.
func (s *Sessions) there() bool { return s.policy.TTL > 0 }

// shared reports whether a session serves every client.
func (s *Sessions) shared() bool { return s.policy.Share }

// make makes the session of an approval, where there are sessions: for the login
// with this id, in which a client was granted these claims of a person.
func (s *Sessions) make(
	login, client string, i *itsme.Identity, granted []string, authTime, at time.Time,
) (*BrowserSession, storage.Handle) {
	return &BrowserSession{
		SID:        s.store.Keyring().Seal("sid", []byte(login)),
		ClientID:   client,
		UserID:     i.UserID,
		Attributes: attributesFor(granted, i),
		Granted:    granted,
		AuthTime:   authTime,
		Expires:    at.Add(s.policy.TTL),
	}, storage.NewSecret(login)
}

// writes keep a new session, and who is to hear of its end.
func (s *Sessions) writes(h storage.Handle, made *BrowserSession, subject string) []storage.Write {
	writes := []storage.Write{s.sessions.Set(h, *made, s.policy.TTL)}
	if s.clients.hears(made.ClientID) {
		first := Audience{Served: []Served{{ClientID: made.ClientID, Subject: subject}}}
		writes = append(writes, s.audiences.Set(storage.HandleOf(h.ID(), ""), first, s.policy.TTL))
	}
	return writes
}

// Stay is one look at a browser's session, and at who is to hear of its end.
type Stay struct {
	handle   storage.Handle
	session  storage.Record[BrowserSession]
	audience storage.Record[Audience]
}

// alive reports whether the session is there, by our clock.
func (s *Stay) alive(now time.Time) bool { return s.session.OK && now.Before(s.session.Value.Expires) }

// ended reports whether a logout has ended the session, a moment ago.
func (s *Stay) ended() bool { return s.audience.Value.Ended }

// Session is the session, where it is alive.
func (s *Stay) Session() *BrowserSession { return &s.session.Value }

// look looks at a session. One that will never open is none: the person logs in
// once more, and has another.
func (s *Sessions) look(ctx context.Context, h storage.Handle) (*Stay, error) {
	stay := &Stay{handle: h}
	err := s.store.Do(ctx, s.sessions.Read(h, &stay.session), s.audiences.Read(storage.HandleOf(h.ID(), ""), &stay.audience))
	switch {
	case errors.Is(err, storage.ErrUnavailable):
		return nil, unavailable(err)
	case err != nil:
		event(ctx).Add(slog.String("session_error", err.Error()))
		return &Stay{handle: h}, nil
	}
	return stay, nil
}

// here is the session of the browser that asks; not alive if it has none.
func (s *Sessions) here(r *http.Request) (*Stay, error) {
	h, ok := s.of(r)
	if !ok {
		return new(Stay), nil
	}
	return s.look(r.Context(), h)
}

// formToken ties a form of ours to the session that the browser has.
func (s *Sessions) formToken(stay *Stay) string {
	return s.store.Keyring().MAC("logout", stay.handle.ID(), stay.handle.Digest())
}

// fits reports whether a form's token is that of the session.
func (s *Sessions) fits(token string, stay *Stay) bool {
	return s.store.Keyring().VerifyMAC(token, "logout", stay.handle.ID(), stay.handle.Digest())
}

// supersede ends the session that the browser had before this login gave it
// another. Nobody hears of it: nobody has logged out. If it does not succeed, no
// browser holds its cookie any more, and it ends by itself.
func (s *Sessions) supersede(r *http.Request) {
	old, ok := s.of(r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
	defer cancel()
	if err := s.sessions.Delete(ctx, old); err != nil {
		event(ctx).Add(slog.String("supersede", err.Error()))
	}
}
