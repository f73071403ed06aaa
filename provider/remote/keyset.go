package remote

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// How long a key set is remembered.
const (
	minLifetime     = time.Minute
	maxLifetime     = time.Hour
	defaultLifetime = 10 * time.Minute // when the answer does not say
	staleFor        = 24 * time.Hour   // since it was fetched, while its host does not answer
	pause           = 30 * time.Second // from one attempt to the next, whatever became of it
)

// A keySet is what is known of one address: the last keys that were fetched,
// and how the last attempt ended. It does not change; a new one takes its place.
type keySet struct {
	keys    []jose.JSONWebKey
	fetched time.Time // zero: never
	fresh   time.Time // until when the keys need not be fetched again
	tried   time.Time // the last attempt
	failure error     // of the last attempt, or nil
}

// due reports whether the set is too old for somebody who looks for kid.
func (s keySet) due(kid string, now time.Time) bool {
	return !now.Before(s.fresh) || len(s.named(kid)) == 0
}

// resting reports whether its host has been asked just now. Neither a dead host
// nor a stranger's invented kid makes us ask it more often.
func (s keySet) resting(now time.Time) bool { return now.Before(s.tried.Add(pause)) }

// find returns the keys named kid. When there are none, and the last attempt
// failed, nobody knows whether there are: that is an error.
func (s keySet) find(kid string, now time.Time) ([]jose.JSONWebKey, error) {
	if !now.Before(s.fetched.Add(staleFor)) {
		return nil, s.failure
	}
	found := s.named(kid)
	if len(found) == 0 {
		return nil, s.failure
	}
	return found, nil
}

// named returns the keys with a kid, or all for none.
func (s keySet) named(kid string) []jose.JSONWebKey {
	if kid == "" {
		return slices.Clone(s.keys)
	}
	var found []jose.JSONWebKey
	for _, key := range s.keys {
		if key.KeyID == kid {
			found = append(found, key)
		}
	}
	return found
}

// renewed is the set after an attempt that brought keys: nothing that was known stays.
func (keySet) renewed(keys []jose.JSONWebKey, lifetime time.Duration, now time.Time) keySet {
	return keySet{keys: keys, fetched: now, fresh: now.Add(lifetime), tried: now}
}

// failed is the set after an attempt that did not: what was known stays.
func (s keySet) failed(err error, now time.Time) keySet {
	s.tried, s.failure = now, err
	return s
}

// lifetime is how long an answer is fresh (RFC 9111 §5.2.2), within our own bounds.
func lifetime(header http.Header) time.Duration {
	told := defaultLifetime
	for directive := range strings.SplitSeq(strings.Join(header.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(name) {
		case "no-cache", "no-store":
			return minLifetime
		case "max-age":
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				told = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(told, minLifetime), maxLifetime)
}
