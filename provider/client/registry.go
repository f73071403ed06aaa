package client

import (
	"context"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
)

// KeySets are those that clients keep themselves. *remote.KeySets is one.
type KeySets interface {
	Keys(ctx context.Context, jwksURI, kid string) ([]jose.JSONWebKey, error)
}

// Registry is the clients, and what follows from them. It is built whole and
// replaced whole, so that a look sees one state of the configuration.
type Registry struct {
	keySets KeySets // may be nil where no client has a jwks_uri
	current atomic.Pointer[registered]
}

type registered struct {
	byID         map[string]*Client
	ledTo        map[string]*Client // by post_logout_redirect_uri; nil where several have it
	anybodyHears bool               // of logouts
	oneHome      bool               // all clients are at home at one address
}

// NewRegistry knows no client yet.
func NewRegistry(sets KeySets) *Registry {
	r := &Registry{keySets: sets}
	r.Replace(nil)
	return r
}

// Replace takes other clients, by their ids, in the place of all.
func (r *Registry) Replace(clients map[string]*Client) {
	now := registered{byID: clients, ledTo: map[string]*Client{}}
	homes := map[string]bool{}
	for _, c := range clients {
		for _, uri := range c.PostLogoutRedirectURIs {
			if other, found := now.ledTo[uri]; !found {
				now.ledTo[uri] = c
			} else if other != c {
				now.ledTo[uri] = nil
			}
		}
		now.anybodyHears = now.anybodyHears || c.BackChannelLogoutURI != ""
		homes[c.Home] = true
	}
	now.oneHome = len(homes) <= 1
	r.current.Store(&now)
}

// Find finds a registered client.
func (r *Registry) Find(id string) (*Client, bool) {
	c, ok := r.current.Load().byID[id]
	return c, ok
}

// LedTo finds the only client that has registered a post_logout_redirect_uri.
func (r *Registry) LedTo(uri string) (*Client, bool) {
	c := r.current.Load().ledTo[uri]
	return c, c != nil
}

// KeysOf are the keys of a client that may have signed under a kid.
func (r *Registry) KeysOf(ctx context.Context, c *Client, kid string) ([]jose.JSONWebKey, error) {
	if c.Keys.URI == "" {
		return c.Keys.Set, nil
	}
	return r.keySets.Keys(ctx, c.Keys.URI, kid)
}

// Hears reports whether a client wants to hear of logouts.
func (r *Registry) Hears(id string) bool {
	c, ok := r.Find(id)
	return ok && c.BackChannelLogoutURI != ""
}

// AnybodyHears reports whether any client wants to hear of logouts.
func (r *Registry) AnybodyHears() bool { return r.current.Load().anybodyHears }

// HasOneHome reports whether all clients are at home at one address.
func (r *Registry) HasOneHome() bool { return r.current.Load().oneHome }
