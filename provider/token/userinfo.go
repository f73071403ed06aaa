package token

import (
	"context"
	"log/slog"
	"net/http"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// userinfo is what the access token tells of the person: sub, and the claims
// that the login was granted (OpenID Connect Core §5.3.2).
//
// It is JSON, or a JWT where the client's entry says so.
func (e *Endpoints) userinfo(ctx context.Context, c *clientauth.Call) error {
	if refused := e.guard.ReadHolder(c); refused != nil {
		return refused
	}
	access, h, ok, err := e.open(ctx, c.Bearer)
	if err != nil {
		return err
	}
	if !ok {
		return oauth.Fail(http.StatusUnauthorized, oauth.InvalidToken, "The access token is unknown, expired or revoked.")
	}
	edge.EventOf(ctx).Genuine()
	edge.EventOf(ctx).Add(slog.String("client", access.ClientID))
	if refused := e.guard.CheckHolder(c, access.ClientID, access.DPoPKey); refused != nil {
		return refused
	}
	if err := e.guard.HolderOf(ctx, c, h.ID()); err != nil {
		return err
	}
	if client, registered := e.clients.Find(access.ClientID); registered && client.UserinfoAlg != "" {
		return e.sendSigned(ctx, c.W, client.UserinfoAlg, &access)
	}
	answer, err := claims.Merge(struct {
		Subject string `json:"sub"`
	}{access.Subject}, access.Claims)
	if err != nil {
		return err
	}
	send(c.W, "application/json", answer)
	return nil
}
