package token

import (
	"context"
	"errors"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// server is what clients call without a browser, as op wants it. Its methods
// decide nothing about HTTP: they are given what the guard let through, and
// their errors are told by the edge.
type server struct {
	op.UnimplementedServer

	endpoints *Endpoints
}

// backend is op's part of the endpoints of clients: routing, and decoding of
// what the guard has checked. It has no authorization endpoint, no CORS and no
// documents: those are ours.
func backend(e *Endpoints) http.Handler {
	endpoints := op.Endpoints{
		Token:         op.NewEndpoint(Path),
		Userinfo:      op.NewEndpoint(UserinfoPath),
		Introspection: op.NewEndpoint(IntrospectPath),
		Revocation:    op.NewEndpoint(RevokePath),
	}
	// The issuer is configured, and has been checked: never the Host header's.
	issuer := op.NewIssuerInterceptor(func(*http.Request) string { return e.issuer.String() })
	return issuer.Handler(op.RegisterServer(server{endpoints: e}, endpoints, op.WithServerCORSOptions(nil)))
}

// errRefused is all that op ever learns of an error of ours, since op would
// write it into its answer and its log.
var errRefused = errors.New("refused")

// reply hands an answer to op, or keeps the error for [answer], which returns it.
func reply(ctx context.Context, answer any, err error) (*op.Response, error) {
	if err != nil {
		servedOf(ctx).err = err
		return nil, errRefused
	}
	return op.NewResponse(answer), nil
}

// VerifyClient authenticates the client of a call to the token and the
// revocation endpoint.
func (s server) VerifyClient(ctx context.Context, _ *op.Request[op.ClientCredentials]) (op.Client, error) {
	client, err := s.endpoints.guard.Authenticate(ctx, servedOf(ctx).call)
	if err != nil {
		_, err = reply(ctx, nil, err)
		return nil, err
	}
	return opClient{client}, nil
}

// CodeExchange is POST /token with grant_type=authorization_code. The client
// has authenticated.
func (s server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	answer, err := s.endpoints.exchange(ctx, clientOf(r.Client), r.Data, servedOf(ctx).call)
	return reply(ctx, answer, err)
}

// RefreshToken is POST /token with grant_type=refresh_token. The client has
// authenticated.
func (s server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	answer, err := s.endpoints.refresh(ctx, clientOf(r.Client), r.Data, servedOf(ctx).call)
	return reply(ctx, answer, err)
}

// UserInfo is GET and POST /userinfo.
func (s server) UserInfo(ctx context.Context, _ *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	now := servedOf(ctx)
	answer, jwt, err := s.endpoints.userinfo(ctx, now.call)
	now.jwt = jwt
	return reply(ctx, answer, err)
}

// Introspect is POST /introspect. op leaves it to us to authenticate the client.
func (s server) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	client, err := s.endpoints.guard.Authenticate(ctx, servedOf(ctx).call)
	if err != nil {
		return reply(ctx, nil, err)
	}
	answer, err := s.endpoints.introspect(ctx, client, servedOf(ctx).call, r.Data.Token)
	return reply(ctx, answer, err)
}

// Revocation is POST /revoke. The client has authenticated.
func (s server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	return reply(ctx, nil, s.endpoints.revoke(ctx, clientOf(r.Client), servedOf(ctx).call, r.Data.Token))
}
