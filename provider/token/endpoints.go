package token

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/clientauth"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/notbefore"
	"itsme-bridge/storage"
)

// Lifetimes are how long what is given out here is good for.
type Lifetimes struct {
	AccessToken  time.Duration
	RefreshToken time.Duration // after the login
	RefreshIdle  time.Duration // of a refresh token that nobody uses (RFC 9700 §4.14.2); zero: as RefreshToken
	RefreshGrace time.Duration // of the refresh token before the current one, for answers that were lost
	WriteBudget  time.Duration // how long a write is repeated
}

// Parts are what the endpoints stand on.
type Parts struct {
	Issuer    edge.Issuer
	Clients   *client.Registry
	Guard     *clientauth.Guard
	IDTokens  *grant.IDTokens
	Signer    grant.Signer
	NotBefore *notbefore.Gate
	Store     *storage.Store
	Now       func() time.Time

	// Redeemed hears of each code that a client got tokens for.
	Redeemed func(client string)
}

// Endpoints are those that clients call with a code, or with a token that came of one.
type Endpoints struct {
	issuer    edge.Issuer
	clients   *client.Registry
	guard     *clientauth.Guard
	idTokens  *grant.IDTokens
	signer    grant.Signer
	notBefore *notbefore.Gate
	store     *storage.Store
	grants    *storage.Bucket[grant.Grant]
	accesses  *storage.Bucket[Access]
	families  *storage.Bucket[Family]
	lifetimes Lifetimes
	redeemed  func(client string)
	now       func() time.Time
}

// New makes them.
func New(lifetimes Lifetimes, parts Parts) *Endpoints {
	lifetimes.RefreshIdle = cmp.Or(lifetimes.RefreshIdle, lifetimes.RefreshToken)
	return &Endpoints{
		issuer:    parts.Issuer,
		clients:   parts.Clients,
		guard:     parts.Guard,
		idTokens:  parts.IDTokens,
		signer:    parts.Signer,
		notBefore: parts.NotBefore,
		store:     parts.Store,
		grants:    grant.Bucket(parts.Store),
		accesses:  storage.NewBucket[Access](parts.Store, "session"), // its name in Redis since the beginning
		families:  storage.NewBucket[Family](parts.Store, "family"),
		lifetimes: lifetimes,
		redeemed:  parts.Redeemed,
		now:       parts.Now,
	}
}

// Token is POST /token.
func (e *Endpoints) Token() edge.Handler {
	return e.guard.Serve(tokenRules(), e.byClient(func(ctx context.Context, client *client.Client, c *clientauth.Call) (any, error) {
		if c.Form.Get("grant_type") == grantRefresh {
			return e.refresh(ctx, client, renewalOf(c))
		}
		return e.exchange(ctx, client, redemptionOf(c))
	}))
}

// Userinfo is GET and POST /userinfo.
func (e *Endpoints) Userinfo() edge.Handler { return e.guard.Serve(userinfoRules(), e.userinfo) }

// Introspect is POST /introspect.
func (e *Endpoints) Introspect() edge.Handler {
	return e.guard.Serve(introspectRules(), e.byClient(func(ctx context.Context, client *client.Client, c *clientauth.Call) (any, error) {
		return e.introspect(ctx, client, c)
	}))
}

// Revoke is POST /revoke. Its answer is empty (RFC 7009 §2.2).
func (e *Endpoints) Revoke() edge.Handler {
	return e.guard.Serve(revokeRules(), func(ctx context.Context, c *clientauth.Call) error {
		client, err := e.guard.Authenticate(ctx, c)
		if err != nil {
			return err
		}
		if err := e.revoke(ctx, client, c); err != nil {
			return err
		}
		c.W.WriteHeader(http.StatusOK)
		return nil
	})
}
