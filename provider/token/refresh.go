package token

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// refreshes reports whether a grant that was redeemed comes with refresh tokens:
// the operator allows them to the client, and the request was granted them. That
// entry is the other condition that makes prompt=consent unnecessary, and a
// response without a code redeems nothing (OpenID Connect Core §11).
func refreshes(g *grant.Grant, c *client.Client) bool {
	return c.MayRefresh() && slices.Contains(strings.Fields(g.Scope), client.OfflineAccess)
}

// renewal is what a client brings for new tokens (RFC 6749 §6).
type renewal struct {
	call         *clientauth.Call
	refreshToken string
	scope        string // less than was granted; empty: all
	jkt          string // thumbprint of the key that the tokens shall be bound to; empty: to none (RFC 9449 §5)
}

func renewalOf(c *clientauth.Call) renewal {
	return renewal{call: c, refreshToken: c.Form.Get("refresh_token"), scope: c.Form.Get("scope"), jkt: c.Proof.Thumbprint}
}

// refresh turns a refresh token into new tokens (RFC 6749 §6, OpenID Connect
// Core §12). The access token is written first and the turn changed last, so
// that whatever is lost in between can be done again with the same token.
func (e *Endpoints) refresh(ctx context.Context, client *client.Client, r renewal) (*tokens, error) {
	family, turn, ok := parseRefreshToken(r.refreshToken)
	switch {
	case !client.MayRefresh():
		return nil, oauth.Fail(http.StatusBadRequest, oauth.UnauthorizedClient, "This client may not use refresh tokens.")
	case !ok:
		return nil, unknownRefreshToken()
	}
	was, stands, err := e.recognize(ctx, client, family, turn, r.call)
	if err != nil {
		return nil, err
	}
	grant, err := was.Value.grantTo(client, r.scope)
	if err != nil {
		return nil, err
	}
	now, h := e.now(), storage.NewKin(family.ID())
	answer, access, err := e.issue(ctx, &grant, h, r.jkt, now)
	if err != nil {
		return nil, err
	}
	access.Family = family.ID()
	if err := e.putDescendant(ctx, h, access); err != nil {
		return nil, err
	}
	turn = was.Value.Turn
	switch {
	case stands != newest:
	case !client.FAPI2: // FAPI 2.0 Security Profile §5.3.2.1: no rotation there
		turn, err = e.rotate(ctx, family, was, was.Value.next(client, r.jkt, now), r.jkt)
	default: // also where it cannot idle now: the record may live no longer than another RefreshIdle has let it
		turn, err = e.rotate(ctx, family, was, was.Value.used(now), r.jkt)
	}
	answer.RefreshToken = refreshToken(family, turn)
	return answer, err
}

// recognize finds the family of a refresh token, and what the token is to it.
// One that was used before costs the family its life. All that is refused
// before that changes nothing, so that who is not the client, or has not the
// key that its tokens were bound to from the code on, can end nobody's login.
func (e *Endpoints) recognize(
	ctx context.Context, client *client.Client, h storage.Handle, turn string, c *clientauth.Call,
) (was storage.Record[Family], s standing, err error) {
	if was, err = e.familyOf(ctx, h); err != nil {
		return was, s, err
	}
	now, f, jkt := e.now(), &was.Value, c.Proof.Thumbprint
	switch {
	case !was.OK, !now.Before(f.Expires), e.notBefore.Revoked(f.ClientID, f.AuthTime): // our clock decides, not the record's life
		return was, s, unknownRefreshToken()
	case f.idles(now, e.lifetimes.RefreshIdle):
		return was, s, unknownRefreshToken()
	case f.ClientID != client.ID:
		return was, s, badGrant("The refresh token was made for another client.").Of(oauth.RefreshTokenForeign)
	}
	s = f.standing(turn, jkt, now, e.lifetimes.RefreshGrace)
	if f.lacks(jkt) && (s == newest || !f.BoundLate) {
		return was, s, badGrant("The refresh token is bound to another key than that of the DPoP proof.").Of(oauth.WrongKey)
	}
	if s == reused {
		if err := e.guard.Ends(ctx, c, h.ID()); err != nil {
			return was, s, err
		}
		return was, s, e.betrayed(ctx, h)
	}
	edge.EventOf(ctx).Genuine()
	if err := e.guard.Leaves(ctx, c, h.ID()); err != nil {
		return was, s, err
	}
	edge.EventOf(ctx).Add(slog.Bool("refresh_token_late", s == late))
	return was, s, nil
}

// betrayed ends a family of which an old refresh token has come again.
func (e *Endpoints) betrayed(ctx context.Context, family storage.Handle) error {
	edge.EventOf(ctx).Always()
	edge.EventOf(ctx).Add(slog.Bool("refresh_token_reused", true))
	if err := e.endFamily(ctx, family.ID()); err != nil {
		return err
	}
	return badGrant("The refresh token was used before. All tokens of this login are revoked.").Of(oauth.RefreshTokenReuse)
}

// rotate changes the turn, or writes that it was used, if nobody else has since the family was read. Who
// has, refreshed at the same instant with the same token: that is the grace, and
// both get the same one. But if that has bound the family to a key that is not
// ours, the token is in two hands.
//
// If it is not known whether the turn has changed, nothing is revoked: the same
// token refreshes again, as the newest or as the one before.
func (e *Endpoints) rotate(ctx context.Context, h storage.Handle, was storage.Record[Family], next Family, jkt string) (turn string, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	written, err := e.store.Commit(ctx, e.families.Replace(h, was, next, next.life(next.Turned, &e.lifetimes)))
	switch {
	case err != nil:
		return "", oauth.Unavailable(err)
	case written:
		return next.Turn, nil
	}
	is, err := e.familyOf(ctx, h)
	switch {
	case err != nil:
		return "", err
	case !is.OK: // it has been ended meanwhile
		return "", unknownRefreshToken()
	case is.Value.lacks(jkt):
		return "", e.betrayed(ctx, h)
	}
	return is.Value.Turn, nil
}

// unknownRefreshToken is for what refreshes nothing, without telling why.
func unknownRefreshToken() *oauth.Error {
	return badGrant("The refresh token is unknown, expired or revoked.")
}
