package provider

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"itsme-bridge/storage"
)

// Revocation is POST /revoke. The client has authenticated.
func (s server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	return reply(ctx, nil, s.provider.revoke(ctx, clientOf(r.Client), r.Data.Token))
}

// revoke ends a token of the client: an access token alone, or with a refresh
// token all tokens of its login (RFC 7009 §2.1). What is no token is as if it
// had been revoked before (§2.2), and so is what is somebody else's: §2.1 would
// have it refused, which would tell whether there is such a token. The answer is
// the same, and nothing happens. The two look different, so token_type_hint says
// nothing new (§2.1).
func (p *Provider) revoke(ctx context.Context, client *Client, token string) error {
	if family, _, ok := parseRefreshToken(token); ok {
		return p.revokeFamily(ctx, client, family)
	}
	session, access, ok, err := p.session(ctx, token)
	if err != nil || !ok || session.ClientID != client.ID {
		return err
	}
	if err := p.sessions.Delete(ctx, access); err != nil {
		return unavailable(err)
	}
	return nil
}

// revokeFamily does not mind which of the family's refresh tokens it is: who
// wants to end it may.
func (p *Provider) revokeFamily(ctx context.Context, client *Client, h storage.Handle) error {
	family, err := p.familyOf(ctx, h)
	if err != nil || !family.OK || family.Value.ClientID != client.ID {
		return err
	}
	return p.endFamily(ctx, h.ID())
}
