package provider

import (
	"context"
	"net/http"
	"time"

	"itsme-bridge/storage"
)

// Lifetimes are how long what is given out here is good for.
type Lifetimes struct {
	AccessToken  time.Duration
	RefreshToken time.Duration // after the login
	RefreshGrace time.Duration // of the refresh token before the current one, for answers that were lost
	WriteBudget  time.Duration // how long a write is repeated
}

// Parts are what the endpoints stand on.
type TokenParts struct {
	Issuer    Issuer
	Clients   *Registry
	Guard     *Guard
	IDTokens  *IDTokens
	Signer    Signer
	NotBefore *Gate
	Store     *storage.Store
	Now       func() time.Time
}

// Endpoints are those that clients call with a code, or with a token that came of one.
type TokenEndpoints struct {
	issuer    Issuer
	clients   *Registry
	guard     *Guard
	idTokens  *IDTokens
	signer    Signer
	notBefore *Gate
	store     *storage.Store
	grants    *storage.Bucket[Grant]
	accesses  *storage.Bucket[Access]
	families  *storage.Bucket[Family]
	lifetimes Lifetimes
	backend   http.Handler // op's part
	now       func() time.Time
}

// newTokenEndpoints makes them.
func newTokenEndpoints(lifetimes Lifetimes, parts TokenParts) *TokenEndpoints {
	e := &TokenEndpoints{
		issuer:    parts.Issuer,
		clients:   parts.Clients,
		guard:     parts.Guard,
		idTokens:  parts.IDTokens,
		signer:    parts.Signer,
		notBefore: parts.NotBefore,
		store:     parts.Store,
		grants:    Bucket(parts.Store),
		accesses:  storage.NewBucket[Access](parts.Store, "session"),
		families:  storage.NewBucket[Family](parts.Store, "family"),
		lifetimes: lifetimes,
		now:       parts.Now,
	}
	e.backend = backend(e)
	return e
}

// guarded runs an endpoint of op behind its rules.
func (e *TokenEndpoints) guarded(rules Endpoint, behind http.Handler) Handler {
	return e.guard.serve(rules, func(ctx context.Context, c *Call) error { return answer(ctx, c, behind) })
}

// Token is POST /token.
func (e *TokenEndpoints) Token() Handler { return e.guarded(tokenRules(), e.backend) }

// Userinfo is GET and POST /userinfo.
func (e *TokenEndpoints) Userinfo() Handler { return e.guarded(userinfoRules(), e.backend) }

// Introspect is POST /introspect.
func (e *TokenEndpoints) Introspect() Handler { return e.guarded(introspectRules(), e.backend) }

// Revoke is POST /revoke.
func (e *TokenEndpoints) Revoke() Handler { return e.guarded(revokeRules(), e.backend) }
