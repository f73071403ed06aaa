package token

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Family is what the refresh tokens of one login stand for. It lives under the
// login's id and is opened by each of them: they are the handle of the family
// and a turn, and only the newest turn is good. So an older one that comes
// again is in two hands, and nobody knows which of them is the thief's
// (RFC 9700 §4.14.2).
type Family struct {
	grant.Grant // what the code stood for, but for what only a code needs; Expires is the end of the family

	Turn   string    `json:"turn"`             // of the refresh token that is good now
	Before string    `json:"before,omitempty"` // of the one that it took the place of
	Turned time.Time `json:"turned,omitzero"`  // when it did, or when the only one was made or used last; zero: of an older version

	// BoundLate is a family that a refresh has bound to DPoPKey, and not the exchange
	// of the code: there are older refresh tokens that work without a key.
	BoundLate bool `json:"bound_late,omitempty"`
}

// newFamily makes the family of a grant that a client has redeemed.
func newFamily(g *grant.Grant, client *client.Client, jkt string, now, end time.Time) Family {
	f := Family{Grant: *g, Turn: rand.Text(), Turned: now}
	f.RedirectURI, f.CodeChallenge, f.Nonce, f.DPoPKey = "", "", "", ""
	f.Expires = end
	f.bind(client, jkt)
	return f
}

// bind binds the refresh tokens of a public client to its key, from the first
// proof on; whoever has a secret proves itself anyway, and may change keys
// (RFC 9449 §5).
func (f *Family) bind(client *client.Client, jkt string) {
	if client.IsPublic() {
		f.DPoPKey = jkt
	}
}

// next is the family with a new turn, for a client that may refresh with this key.
func (f *Family) next(client *client.Client, jkt string, now time.Time) Family {
	n := *f
	n.Turn, n.Before, n.Turned = rand.Text(), f.Turn, now
	n.bind(client, jkt)
	n.BoundLate = f.BoundLate || f.DPoPKey == "" && n.DPoPKey != ""
	return n
}

// used is the family with the same turn, used now. If there is one before, the client's
// tokens rotated until its entry was changed: this use gives that no grace.
func (f *Family) used(now time.Time) Family {
	n := *f
	n.Before, n.Turned = "", now
	return n
}

// idles reports whether nobody has used the refresh tokens for so long that they end
// (RFC 9700 §4.14.2).
func (f *Family) idles(now time.Time, most time.Duration) bool {
	return !f.Turned.IsZero() && now.Sub(f.Turned) >= most
}

// lacks reports whether the key of this thumbprint, or none, is not the one that
// the refresh tokens are bound to (RFC 9449 §5).
func (f *Family) lacks(jkt string) bool { return f.DPoPKey != "" && f.DPoPKey != jkt }

// life is how long the record stays that is written now: until the last access token
// that may come of it is over, since those need it.
func (f *Family) life(now time.Time, l *Lifetimes) time.Duration {
	return min(f.Expires.Sub(now), l.RefreshIdle) + l.AccessToken
}

// refreshToken is the text of a turn.
func refreshToken(family storage.Handle, turn string) string { return family.Text() + "." + turn }

// parseRefreshToken reads what refreshToken wrote, and nothing else. The turn
// has the form of each half of a handle.
func parseRefreshToken(text string) (family storage.Handle, turn string, ok bool) {
	at := max(strings.LastIndexByte(text, '.'), 0)
	turn = strings.TrimPrefix(text[at:], ".")
	family, ok = storage.ParseHandle(text[:at])
	return family, turn, ok && storage.IsID(turn)
}

// standing is what a turn is to its family.
type standing int

const (
	newest standing = iota
	late            // the one before, for so short a time that its bearer may not know of the newest
	reused
)

// standing tells a turn from the others (RFC 9700 §4.14.2). The one before works
// on for a grace: an answer was lost, or two tabs refreshed at once. Not so where
// a refresh has bound the family to a key that this bearer has not: one of the two
// has taken the token from the other, and nobody knows which.
func (f *Family) standing(turn, jkt string, now time.Time, grace time.Duration) standing {
	switch {
	case subtle.ConstantTimeCompare([]byte(turn), []byte(f.Turn)) == 1:
		return newest
	case f.BoundLate && f.lacks(jkt):
		return reused
	case subtle.ConstantTimeCompare([]byte(turn), []byte(f.Before)) == 1 && now.Sub(f.Turned) < grace:
		return late
	default:
		return reused
	}
}

// familyOf reads a family.
func (e *Endpoints) familyOf(ctx context.Context, h storage.Handle) (found storage.Record[Family], err error) {
	if err = e.store.Do(ctx, e.families.Read(h, &found)); err != nil {
		return found, oauth.Broken(err)
	}
	return found, nil
}

// endFamily ends a login's refresh tokens and the access tokens that came of
// its code and of them.
func (e *Endpoints) endFamily(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	if _, err := e.store.Commit(ctx, e.families.Drop(id), e.accesses.Drop(id)); err != nil {
		return oauth.Broken(err)
	}
	return nil
}

// putDescendant writes what an access token opens that came of a family. It has
// an id of its own, and is good while the family stands.
func (e *Endpoints) putDescendant(ctx context.Context, h storage.Handle, a Access) error {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	if err := e.accesses.Put(ctx, h, a, e.lifetimes.AccessToken); err != nil {
		return oauth.Broken(err)
	}
	return nil
}

// stands reports whether an access token's family, if it has one, is still there.
func (e *Endpoints) stands(ctx context.Context, a *Access) (bool, error) {
	if a.Family == "" {
		return true, nil
	}
	var state storage.State
	err := e.store.Do(ctx, e.families.State(a.Family, &state))
	return state == storage.Sealed, err
}
