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
func (e *Endpoints) open(ctx context.Context, token string) (Access, storage.Handle, bool, error) {
	found, h, err := e.recordOf(ctx, token)
	return found.Value, h, found.OK, err
}

// recordOf is open for whoever writes over what was read.
//
// Redis forgets an access token when it expires, but our clock decides.
func (e *Endpoints) recordOf(ctx context.Context, token string) (storage.Record[Access], storage.Handle, error) {
	var found, none storage.Record[Access]
	h, ok := storage.ParseHandle(token)
	if !ok {
		return none, h, nil
	}
	err := e.store.Do(ctx, e.accesses.Read(h, &found))
	a := &found.Value
	edge.EventOf(ctx).OfLogin(a.Family) // a token of an earlier version has another id
	if err == nil && found.OK {
		found.OK, err = e.stands(ctx, a)
	}
	if errors.Is(err, storage.ErrUnavailable) {
		return none, h, oauth.Unavailable(err)
	}
	if err != nil || !found.OK || !e.now().Before(a.Expires) {
		return none, h, err
	}
	if _, registered := e.clients.Find(a.ClientID); !registered || e.notBefore.Revoked(a.ClientID, a.AuthTime) {
		return none, h, nil
	}
	return found, h, nil
}

// endAccess ends one access token. A marker stays in its place for as long as it would
// have lived: the write that has kept the token may reach Redis a second time, held back
// by the network, and must not bring it back.
func (e *Endpoints) endAccess(ctx context.Context, h storage.Handle, found storage.Record[Access]) error {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	ended := e.accesses.Spend(h, found, "", found.Value.Expires.Sub(e.now())+slack)
	if _, err := e.store.Commit(ctx, ended); err != nil { // if it is not written, it is there already
		return oauth.Unavailable(err)
	}
	return nil
}
