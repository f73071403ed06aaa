package provider

import (
	"context"
	"errors"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// server is what clients call without a browser, as op wants it. Its methods
// decide nothing about HTTP: they are given what the guard let through, and
// their errors are told by failJSON and failBearer.
type server struct {
	op.UnimplementedServer

	provider *Provider
}

// backend is op's part of the endpoints of clients: routing, and decoding of
// what the guard has checked. It has no authorization endpoint, no CORS and no
// documents: those are ours.
func (p *Provider) backend() http.Handler {
	endpoints := op.Endpoints{
		Token:         op.NewEndpoint(tokenRules().path),
		Userinfo:      op.NewEndpoint(userinfoRules().path),
		Introspection: op.NewEndpoint(introspectRules().path),
		Revocation:    op.NewEndpoint(revokeRules().path),
	}
	// The issuer is configured, and New has checked it: never the Host header's.
	issuer := op.NewIssuerInterceptor(func(*http.Request) string { return p.config.Issuer })
	return issuer.Handler(op.RegisterServer(server{provider: p}, endpoints, op.WithServerCORSOptions(nil)))
}

// errRefused is all that op ever learns of an error of ours, since op would
// write it into its answer and its log.
var errRefused = errors.New("refused")

// reply hands an answer to op, or keeps the error for the guard.
func reply(ctx context.Context, answer any, err error) (*op.Response, error) {
	if err != nil {
		callOf(ctx).err = err
		return nil, errRefused
	}
	return op.NewResponse(answer), nil
}
