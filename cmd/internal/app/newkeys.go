package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// publish has the ring make keys of other algorithms, if some are missing. They are
// in Redis and published here before a client is told of them.
func (a *App) publish(algorithms []keys.Algorithm) error {
	before := a.ring.Want(algorithms)
	if a.ring.Ready() != nil {
		return nil // begin makes them
	}
	can := config.AlgorithmsOf(a.ring.List())
	missing := slices.DeleteFunc(slices.Clone(algorithms), func(wanted keys.Algorithm) bool { return slices.Contains(can, wanted) })
	if len(missing) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), tryFor)
		defer cancel()
		if err := a.ring.Refresh(ctx); err != nil {
			a.ring.Want(before)
			return fmt.Errorf("app: clients want %s, and no key for it can be made while Redis is away; reload again when it is back: %w", join(missing), err)
		}
	}
	a.tellOfNewKeys(algorithms)
	return nil
}

// tellOfNewKeys says which algorithms sign with a key that clients may not know.
func (a *App) tellOfNewKeys(algorithms []keys.Algorithm) {
	if unknown := unknownTo(a.ring.List(), algorithms, a.now(), published(a.config)); len(unknown) > 0 {
		a.log.Warn("signing with keys that are new",
			slog.String("alg", join(unknown)),
			slog.String("cause", "an application that keeps a copy of /keys has to ask again for a kid that it does not know; "+
				"itsme-bridge keys rotate --alg publishes a key before a client is switched to it"))
	}
}

// published is how long a key has to be before every application has it that keeps
// a copy of /keys as long as it may.
func published(c *config.Config) time.Duration {
	return c.Signing.Policy.Known(config.RefreshKeysEvery)
}

// unknownTo are those of the algorithms whose first key has been published for
// less than that, or is still to be made, although copies of /keys without it are about.
func unknownTo(list []keys.Info, algorithms []keys.Algorithm, now time.Time, published time.Duration) []keys.Algorithm {
	var beginning time.Time
	first := map[keys.Algorithm]time.Time{}
	for _, key := range list {
		if beginning.IsZero() || key.Published.Before(beginning) {
			beginning = key.Published
		}
		if at, ok := first[key.Algorithm]; !ok || key.Published.Before(at) {
			first[key.Algorithm] = key.Published
		}
	}
	return slices.DeleteFunc(slices.Clone(algorithms), func(a keys.Algorithm) bool {
		at, ok := first[a]
		return len(list) == 0 || ok && (!at.After(beginning) || now.Sub(at) >= published)
	})
}

func join(algorithms []keys.Algorithm) string {
	words := make([]string, len(algorithms))
	for i, a := range algorithms {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}
