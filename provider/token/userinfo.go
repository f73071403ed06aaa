package token

import (
	"context"
	"encoding/json"
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
func (e *Endpoints) userinfo(ctx context.Context, c *clientauth.Call) (answer json.RawMessage, jwt string, err error) {
	if refused := e.guard.ReadHolder(c); refused != nil {
		return nil, "", refused
	}
	access, h, ok, err := e.open(ctx, c.Bearer)
	if err != nil {
		return nil, "", err
	}
	if !ok {
		return nil, "", oauth.Fail(http.StatusUnauthorized, oauth.InvalidToken, "The access token is unknown, expired or revoked.")
	}
	edge.EventOf(ctx).Add(slog.String("client", access.ClientID))
	if refused := e.guard.CheckHolder(c, access.ClientID, access.DPoPKey); refused != nil {
		return nil, "", refused
	}
	if err := e.guard.HolderOf(ctx, c, h.ID()); err != nil {
		return nil, "", err
	}
	if client, registered := e.clients.Find(access.ClientID); registered && client.UserinfoAlg != "" {
		jwt, err = e.signUserinfo(ctx, client.UserinfoAlg, &access)
		return nil, jwt, err
	}
	answer, err = claims.Merge(struct {
		Subject string `json:"sub"`
	}{access.Subject}, access.Claims)
	return answer, "", err
}
