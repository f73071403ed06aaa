package provider

import (
	"context"
	"errors"

	"itsme-bridge/storage"
)

// session opens an access token. It is false for whatever opens nothing: words
// that are no token, a token that has expired or was revoked, one of a client
// that is not registered any more.
//
// Redis forgets a session when it expires, but our clock decides. What else is to
// be done in Redis goes along in the same pipeline.
func (p *Provider) session(ctx context.Context, token string, along ...storage.Op) (Session, storage.Handle, bool, error) {
	access, ok := storage.ParseHandle(token)
	if !ok {
		return Session{}, access, false, nil
	}
	var found storage.Record[Session]
	err := p.store.Do(ctx, append(along, p.sessions.Read(access, &found))...)
	s := found.Value
	if err == nil && found.OK {
		found.OK, err = p.stands(ctx, &s)
	}
	if errors.Is(err, storage.ErrUnavailable) {
		return Session{}, access, false, unavailable(err)
	}
	if err != nil || !found.OK || !p.now().Before(s.Expires) {
		return Session{}, access, false, err
	}
	if _, registered := p.client(s.ClientID); !registered || p.revoked(s.ClientID, s.AuthTime) {
		return Session{}, access, false, nil
	}
	return s, access, true, nil
}
