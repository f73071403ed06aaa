package provider

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Revocation is POST /revoke. The client has authenticated.
func (s server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	return reply(ctx, nil, s.provider.revoke(ctx, clientOf(r.Client), r.Data.Token))
}

// revoke ends an access token of the client. What is no token is as if it had
// been revoked before (RFC 7009 §2.2), and so is what is somebody else's: §2.1
// would have it refused, which would tell whether there is such a token. The
// answer is the same, and nothing happens. Every token here is an access
// token, so token_type_hint says nothing new (§2.1).
func (p *Provider) revoke(ctx context.Context, client *Client, token string) error {
	session, access, ok, err := p.session(ctx, token)
	if err != nil || !ok || session.ClientID != client.ID {
		return err
	}
	if err := p.sessions.Delete(ctx, access); err != nil {
		return unavailable(err)
	}
	return nil
}
