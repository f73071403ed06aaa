package token

import (
	"context"
	"errors"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Access is what an access token opens.
type Access struct {
	ClientID string    `json:"client_id"`
	Issued   time.Time `json:"iat"`
	Expires  time.Time `json:"exp"`
	DPoPKey  string    `json:"jkt,omitempty"`    // thumbprint of the key that the access token is bound to (RFC 9449 §6)
	Family   string    `json:"family,omitempty"` // id of the refresh tokens that it came from: it dies with them
	grant.Identity
}

// open opens an access token. It is false for whatever opens nothing: words
// that are no token, a token that has expired or was revoked, one of a client
// that is not registered any more.
//
// Redis forgets an access token when it expires, but our clock decides.
func (e *Endpoints) open(ctx context.Context, token string) (Access, storage.Handle, bool, error) {
	h, ok := storage.ParseHandle(token)
	if !ok {
		return Access{}, h, false, nil
	}
	var found storage.Record[Access]
	err := e.store.Do(ctx, e.accesses.Read(h, &found))
	a := found.Value
	edge.EventOf(ctx).OfLogin(a.Family) // a token of an earlier version has another id
	if err == nil && found.OK {
		found.OK, err = e.stands(ctx, &a)
	}
	if errors.Is(err, storage.ErrUnavailable) {
		return Access{}, h, false, oauth.Unavailable(err)
	}
	if err != nil || !found.OK || !e.now().Before(a.Expires) {
		return Access{}, h, false, err
	}
	if _, registered := e.clients.Find(a.ClientID); !registered || e.notBefore.Revoked(a.ClientID, a.AuthTime) {
		return Access{}, h, false, nil
	}
	return a, h, true, nil
}
