package session

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Policy is how long a browser stays logged in, and whom for.
type Policy struct {
	TTL   time.Duration // since the approval in the app; zero: there are no sessions, every login is a fresh approval
	Share bool          // a session serves every client, not only the one that made it
}

// Sessions are those of browsers.
type Sessions struct {
	issuer      edge.Issuer
	policy      Policy
	clients     *client.Registry
	store       *storage.Store
	sessions    *storage.Bucket[Session]
	audiences   *storage.Bucket[Audience]
	writeBudget time.Duration // how long a write is repeated
	now         func() time.Time
}

// New finds them in a store.
func New(
	issuer edge.Issuer, policy Policy, clients *client.Registry, store *storage.Store, writeBudget time.Duration, now func() time.Time,
) *Sessions {
	return &Sessions{
		issuer: issuer, policy: policy, clients: clients, store: store,
		sessions:  storage.NewBucket[Session](store, "browser"),
		audiences: storage.NewBucket[Audience](store, "logout"), // its name in Redis since the beginning

		writeBudget: writeBudget, now: now,
	}
}

// There reports whether there are sessions at all.
func (s *Sessions) There() bool { return s.policy.TTL > 0 }

// Shared reports whether a session serves every client.
func (s *Sessions) Shared() bool { return s.policy.Share }

// Make makes the session of an approval, where there are sessions: for the login
// with this id, in which a client was granted these claims of a person.
func (s *Sessions) Make(
	login, client string, i *itsme.Identity, granted []string, authTime, at time.Time,
) (*Session, storage.Handle) {
	return &Session{
		SID:        s.store.Keyring().Seal("sid", []byte(login)),
		ClientID:   client,
		UserID:     i.UserID,
		Attributes: claims.AttributesFor(granted, i),
		Granted:    granted,
		AuthTime:   authTime,
		Expires:    at.Add(s.policy.TTL),
	}, storage.NewSecret(login)
}

// SIDFor is the sid of a session for the ID tokens of a client: told, where the
// client needs it or has asked for it, or kept for ourselves.
func (s *Sessions) SIDFor(made *Session, id string, asked bool) (told, kept string) {
	if c, ok := s.clients.Find(id); asked || ok && c.EndsSessions() {
		return made.SID, ""
	}
	return "", made.SID
}

// Writes keep a new session, and who is to hear of its end.
func (s *Sessions) Writes(h storage.Handle, made *Session, subject string) []storage.Write {
	writes := []storage.Write{s.sessions.Set(h, *made, s.policy.TTL)}
	if s.clients.Hears(made.ClientID) {
		first := Audience{Served: []Served{{ClientID: made.ClientID, Subject: subject}}}
		writes = append(writes, s.audiences.Set(storage.HandleOf(h.ID(), ""), first, s.policy.TTL))
	}
	return writes
}

// Stay is one look at a browser's session, and at who is to hear of its end.
type Stay struct {
	handle   storage.Handle
	session  storage.Record[Session]
	audience storage.Record[Audience]
}

// Alive reports whether the session is there, by our clock. A logout may have ended it
// after it was read, and before its audience was.
func (s *Stay) Alive(now time.Time) bool {
	return s.session.OK && !s.Ended() && now.Before(s.session.Value.Expires)
}

// Ended reports whether a logout has ended the session, a moment ago.
func (s *Stay) Ended() bool { return s.audience.Value.Ended }

// Session is the session, where it is alive.
func (s *Stay) Session() *Session { return &s.session.Value }

// Look looks at a session. One that will never open is none: the person logs in
// once more, and has another.
func (s *Sessions) Look(ctx context.Context, h storage.Handle) (*Stay, error) {
	stay := &Stay{handle: h}
	err := s.store.Do(ctx, s.sessions.Read(h, &stay.session), s.audiences.Read(storage.HandleOf(h.ID(), ""), &stay.audience))
	switch {
	case errors.Is(err, storage.ErrUnavailable):
		return nil, oauth.Unavailable(err)
	case err != nil:
		edge.EventOf(ctx).Add(slog.String("session_error", err.Error()))
		return &Stay{handle: h}, nil
	}
	return stay, nil
}

// Here is the session of the browser that asks; not alive if it has none.
func (s *Sessions) Here(r *http.Request) (*Stay, error) {
	h, ok := s.Of(r)
	if !ok {
		return new(Stay), nil
	}
	edge.EventOf(r.Context()).OfLogin(h.ID())
	return s.Look(r.Context(), h)
}

// FormToken ties a form of ours to the session that the browser has.
func (s *Sessions) FormToken(stay *Stay) string {
	return s.store.Keyring().MAC("logout", stay.handle.ID(), stay.handle.Digest())
}

// Fits reports whether a form's token is that of the session.
func (s *Sessions) Fits(token string, stay *Stay) bool {
	return s.store.Keyring().VerifyMAC(token, "logout", stay.handle.ID(), stay.handle.Digest())
}

// Supersede ends the session that the browser had before this login gave it
// another. Nobody hears of it: nobody has logged out. If it does not succeed, no
// browser holds its cookie any more, and it ends by itself.
func (s *Sessions) Supersede(r *http.Request) {
	old, ok := s.Of(r)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
	defer cancel()
	if err := s.sessions.Delete(ctx, old); err != nil {
		edge.EventOf(ctx).Add(slog.String("supersede", err.Error()))
	}
}
