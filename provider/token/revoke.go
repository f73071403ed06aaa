package token

import (
	"context"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/storage"
)

// revoke ends a token of the client: an access token alone, or with a refresh
// token all tokens of its login (RFC 7009 §2.1). What is no token is as if it
// had been revoked before (§2.2), and so is what is somebody else's: §2.1 would
// have it refused, which would tell whether there is such a token. The answer is
// the same, and nothing happens. The two look different, so token_type_hint says
// nothing new (§2.1).
func (e *Endpoints) revoke(ctx context.Context, client *client.Client, c *clientauth.Call) error {
	token := c.Form.Get("token")
	if family, _, ok := parseRefreshToken(token); ok {
		return e.revokeFamily(ctx, client, c, family)
	}
	access, h, err := e.recordOf(ctx, token)
	if err != nil || !access.OK || access.Value.ClientID != client.ID {
		return err
	}
	edge.EventOf(ctx).Genuine()
	if err := e.guard.Shown(ctx, c, h.ID()); err != nil {
		return err
	}
	return e.endAccess(ctx, h, access)
}

// revokeFamily does not mind which of the family's refresh tokens it is: who
// wants to end it may.
func (e *Endpoints) revokeFamily(ctx context.Context, client *client.Client, c *clientauth.Call, h storage.Handle) error {
	family, err := e.familyOf(ctx, h)
	if err != nil || !family.OK || family.Value.ClientID != client.ID {
		return err
	}
	edge.EventOf(ctx).Genuine()
	if err := e.guard.Shown(ctx, c, h.ID()); err != nil {
		return err
	}
	return e.endFamily(ctx, h.ID())
}
