package provider

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
)

// userinfo is what the access token tells of the person: sub, and the claims
// that the login was granted (OpenID Connect Core §5.3.2).
//
// It is JSON, or a JWT where the client's entry says so.
func (e *TokenEndpoints) userinfo(ctx context.Context, c *Call) (answer json.RawMessage, jwt string, err error) {
	if refused := e.guard.readHolder(c); refused != nil {
		return nil, "", refused
	}
	access, _, ok, err := e.open(ctx, c.Bearer, c.marks()...)
	if err != nil {
		return nil, "", err
	}
	if !ok {
		return nil, "", fail(http.StatusUnauthorized, InvalidToken, "The access token is unknown, expired or revoked.")
	}
	event(ctx).Add(slog.String("client", access.ClientID))
	if refused := e.guard.checkHolder(c, access.ClientID, access.DPoPKey); refused != nil {
		return nil, "", refused
	}
	if client, registered := e.clients.find(access.ClientID); registered && client.UserinfoAlg != "" {
		jwt, err = e.signUserinfo(ctx, client.UserinfoAlg, &access)
		return nil, jwt, err
	}
	answer, err = merge(struct {
		Subject string `json:"sub"`
	}{access.Subject}, access.Claims)
	return answer, "", err
}
