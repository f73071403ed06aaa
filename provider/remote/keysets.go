package remote

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

// maxSets is how many key sets are remembered. There are as many as clients
// register; this bounds what is kept of those that no client names any more.
const maxSets = 1000

// KeySets are the JWK Sets of clients, by their address (jwks_uri, OpenID
// Connect Registration 1.0 §2). It is safe for concurrent use.
type KeySets struct {
	client  *Client
	now     func() time.Time
	flights singleflight.Group

	mu   sync.Mutex
	sets map[string]remembered
}

type remembered struct {
	keySet
	used time.Time // last
}

// NewKeySets makes a cache that is empty.
func NewKeySets(c *Client, now func() time.Time) *KeySets {
	return &KeySets{client: c, now: now, sets: map[string]remembered{}}
}

// Keys returns the public signature keys that are published at jwksURI: those
// named kid, or all if it is empty. There may be none, and that is no error.
//
// A set is fetched again when it is no longer fresh, or does not have the kid
// (OpenID Connect Core §10.1.1), but at most every 30 seconds. While that fails, what was fetched
// in the last 24 hours is still used; an error says that nothing is known.
func (k *KeySets) Keys(ctx context.Context, jwksURI, kid string) ([]jose.JSONWebKey, error) {
	set := k.recall(jwksURI)
	if !set.due(kid, k.now()) {
		return set.find(kid, k.now())
	}
	// Whoever waits may give up; the flight goes on for the others, until the client's own deadline.
	flight := k.flights.DoChan(jwksURI, func() (any, error) {
		return k.refetch(context.WithoutCancel(ctx), jwksURI), nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: given up by the caller: %w", ErrUnanswered, ctx.Err())
	case landed := <-flight:
		set, _ = landed.Val.(keySet)
		return set.find(kid, k.now())
	}
}

// refetch asks an address, unless somebody just did: a flight that landed in between, too.
func (k *KeySets) refetch(ctx context.Context, jwksURI string) keySet {
	set := k.recall(jwksURI)
	if set.resting(k.now()) {
		return set
	}
	keys, fresh, err := k.fetch(ctx, jwksURI)
	if err != nil {
		return k.keep(jwksURI, set.failed(err, k.now()))
	}
	return k.keep(jwksURI, set.renewed(keys, fresh, k.now()))
}

// fetch reads a JWK Set, and for how long it is fresh.
func (k *KeySets) fetch(ctx context.Context, jwksURI string) ([]jose.JSONWebKey, time.Duration, error) {
	document, header, err := k.client.fetch(ctx, k.client.keys, jwksURI, "application/jwk-set+json, application/json", maxKeySet)
	if err != nil {
		return nil, 0, err
	}
	keys, ok := parseKeySet(document)
	if !ok {
		return nil, 0, badAnswer(hostOf(jwksURI), "not a JWK Set")
	}
	return keys, lifetime(header), nil
}

// recall is what is known of an address: nothing, perhaps.
func (k *KeySets) recall(jwksURI string) keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.sets[jwksURI]
	if ok {
		k.sets[jwksURI] = remembered{known.keySet, k.now()}
	}
	return known.keySet
}

// keep remembers a set. When there are too many, the one that was used longest ago goes.
func (k *KeySets) keep(jwksURI string, set keySet) keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.sets[jwksURI]; !ok && len(k.sets) >= maxSets {
		k.forget()
	}
	k.sets[jwksURI] = remembered{set, k.now()}
	return set
}

func (k *KeySets) forget() {
	oldest := ""
	for address, known := range k.sets {
		if oldest == "" || known.used.Before(k.sets[oldest].used) {
			oldest = address
		}
	}
	delete(k.sets, oldest)
}
