package provider

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"itsme-bridge/storage"
)

// RefreshToken is POST /token with grant_type=refresh_token. The client has
// authenticated.
func (s server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	answer, err := s.provider.refresh(ctx, clientOf(r.Client), r.Data, callOf(ctx).proof.Thumbprint)
	return reply(ctx, answer, err)
}

// refreshes reports whether a grant that was redeemed comes with refresh tokens:
// the operator allows them to the client, and the request was granted them. That
// entry is the other condition that makes prompt=consent unnecessary, and a
// response without a code redeems nothing (OpenID Connect Core §11).
func refreshes(g *Grant, client *Client) bool {
	return client.mayAsk(offlineAccess) && slices.Contains(strings.Fields(g.Scope), offlineAccess)
}

// refresh turns a refresh token into new tokens (RFC 6749 §6, OpenID Connect
// Core §12). The access token is written first and the turn changed last, so
// that whatever is lost in between can be done again with the same token.
func (p *Provider) refresh(ctx context.Context, client *Client, r *oidc.RefreshTokenRequest, jkt string) (*tokens, error) {
	family, turn, ok := parseRefreshToken(r.RefreshToken)
	switch {
	case !client.mayAsk(offlineAccess):
		return nil, fail(http.StatusBadRequest, unauthorizedClient, "This client may not use refresh tokens.")
	case !ok:
		return nil, unknownRefreshToken()
	}
	was, stands, err := p.recognize(ctx, client, family, turn, jkt)
	if err != nil {
		return nil, err
	}
	grant, err := was.Value.again(client, strings.Join(r.Scopes, " "))
	if err != nil {
		return nil, err
	}
	now, access := p.now(), storage.NewHandle()
	answer, session, err := p.issue(ctx, &grant, access, jkt, now)
	if err != nil {
		return nil, err
	}
	session.Family = family.ID()
	if err := p.putDescendant(ctx, access, session); err != nil {
		return nil, err
	}
	turn = was.Value.Turn
	if stands == newest && !client.FAPI2 { // FAPI 2.0 Security Profile §5.3.2.1: no rotation there
		turn, err = p.rotate(ctx, family, was, was.Value.next(client, jkt, now))
	}
	answer.RefreshToken = refreshToken(family, turn)
	return answer, err
}

// recognize finds the family of a refresh token, and what the token is to it.
// One that was used before costs the family its life. All that is refused
// before that changes nothing, so that who is not the client, or has not its
// key, can end nobody's login.
func (p *Provider) recognize(ctx context.Context, client *Client, h storage.Handle, turn, jkt string) (was storage.Record[Family], s standing, err error) {
	if was, err = p.familyOf(ctx, h); err != nil {
		return was, s, err
	}
	now, f := p.now(), &was.Value
	switch {
	case !was.OK, !now.Before(f.Expires), p.revoked(f.ClientID, f.AuthTime): // our clock decides, not the record's life
		return was, s, unknownRefreshToken()
	case f.ClientID != client.ID:
		return was, s, badRefreshToken("The refresh token was made for another client.")
	case f.DPoPKey != "" && f.DPoPKey != jkt: // RFC 9449 §5
		return was, s, badRefreshToken("The refresh token is bound to another key than that of the DPoP proof.")
	}
	if s = f.standing(turn, now, p.config.RefreshGrace); s == reused {
		return was, s, p.betrayed(ctx, h)
	}
	event(ctx).Add(slog.Bool("refresh_token_late", s == late))
	return was, s, nil
}

// betrayed ends a family of which an old refresh token has come again.
func (p *Provider) betrayed(ctx context.Context, family storage.Handle) error {
	event(ctx).Add(slog.Bool("refresh_token_reused", true))
	if err := p.endFamily(ctx, family.ID()); err != nil {
		return err
	}
	return badRefreshToken("The refresh token was used before. All tokens of this login are revoked.")
}

// rotate changes the turn, if nobody else has since the family was read. Who
// has, refreshed at the same instant with the same token: that is the grace, and
// both get the same one.
//
// If it is not known whether the turn has changed, nothing is revoked: the same
// token refreshes again, as the newest or as the one before.
func (p *Provider) rotate(ctx context.Context, h storage.Handle, was storage.Record[Family], next Family) (turn string, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.WriteBudget)
	defer cancel()
	written, err := p.store.Commit(ctx, p.families.Replace(h, was, next, next.life(next.Turned, p.config.AccessToken)))
	switch {
	case err != nil:
		return "", unavailable(err)
	case written:
		return next.Turn, nil
	}
	is, err := p.familyOf(ctx, h)
	if err == nil && !is.OK { // it has been ended meanwhile
		err = unknownRefreshToken()
	}
	return is.Value.Turn, err
}

// unknownRefreshToken is for what refreshes nothing, without telling why.
func unknownRefreshToken() *Error {
	return badRefreshToken("The refresh token is unknown, expired or revoked.")
}

// badRefreshToken is invalid_grant of RFC 6749 §5.2.
func badRefreshToken(description string) *Error {
	return fail(http.StatusBadRequest, invalidGrant, description)
}
