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
// Redis forgets a session when it expires, but our clock decides.
func (p *Provider) session(ctx context.Context, token string) (Session, storage.Handle, bool, error) {
	access, ok := storage.ParseHandle(token)
	if !ok {
		return Session{}, access, false, nil
	}
	s, ok, err := p.sessions.Get(ctx, access)
	if err == nil && ok {
		ok, err = p.stands(ctx, &s)
	}
	if errors.Is(err, storage.ErrUnavailable) {
		return Session{}, access, false, unavailable(err)
	}
	if err != nil || !ok || !p.now().Before(s.Expires) {
		return Session{}, access, false, err
	}
	if _, registered := p.client(s.ClientID); !registered || p.revoked(s.ClientID, s.AuthTime) {
		return Session{}, access, false, nil
	}
	return s, access, true, nil
}
