package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"itsme-bridge/keys"
	"itsme-bridge/storage"
)

const (
	tryAgain = time.Second      // between two attempts to begin
	tryFor   = 20 * time.Second // one attempt: an RSA key may have to be made
	rejoin   = time.Hour        // between two times that a replica says what it accepts

	tellEvery = 2 * time.Second // between two looks for logouts that clients are to hear of
)

// begin joins the deployment, gets the keys, and learns what was revoked. It waits for Redis as long as
// ctx allows; not ok without an error: ctx has ended.
func (a *App) begin(ctx context.Context) (ok bool, err error) {
	began, said := a.now(), sayAgain{said: map[string]bool{}}
	for ; ctx.Err() == nil; pause(ctx, tryAgain) {
		err := a.tryBegin(ctx)
		if refused := hopeless(a.store, err); refused != nil {
			return false, refused
		}
		switch {
		case err == nil:
			a.began.Store(true)
			return true, nil
		case !passing(err):
			return false, err
		case ctx.Err() == nil && said.due(err.Error(), a.now()):
			a.tellWaiting(err)
			waited := a.now().Sub(began).Round(time.Second)
			a.log.LogAttrs(ctx, slog.LevelWarn, "waiting for Redis", slog.String("cause", err.Error()), slog.String("waited", waited.String()))
		}
	}
	return false, nil
}

// sayAgain is when to say once more what goes on: a new cause at once, and whatever
// it is after 10 s, 20 s, 40 s, … and then every five minutes.
type sayAgain struct {
	said  map[string]bool
	pause time.Duration
	next  time.Time
}

func (s *sayAgain) due(cause string, now time.Time) bool {
	const least, most, causes = 10 * time.Second, 5 * time.Minute, 10
	fresh := !s.said[cause] && len(s.said) < causes
	if !fresh && now.Before(s.next) {
		return false
	}
	s.said[cause] = true
	s.pause = min(max(2*s.pause, least), most)
	s.next = now.Add(s.pause)
	return true
}

// passing reports whether waiting may help.
func passing(err error) bool {
	return errors.Is(err, storage.ErrUnavailable) || errors.Is(err, keys.ErrContended) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// hopeless says in the operator's words what Redis refuses for good; nil: nothing.
func hopeless(store *storage.Store, err error) error {
	why, ok := store.RefusalIn(err)
	if !ok || !why.Lasting {
		return nil
	}
	return &RefusedError{"redis." + why.Setting, fmt.Sprintf("%s (%v)", why.Text, err)}
}

// plain is an error in the operator's words, where it is one that lasts.
func plain(store *storage.Store, err error) error {
	if refused := hopeless(store, err); refused != nil {
		return refused
	}
	return err
}

func (a *App) tryBegin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	if err := a.deployment.join(ctx); err != nil {
		return err
	}
	if err := a.deployment.reseal(ctx); err != nil {
		return err
	}
	if a.ring != nil {
		before, began := a.ring.List(), a.now()
		if err := a.ring.Refresh(ctx); err != nil {
			return a.deployment.understood(err)
		}
		a.tellMadeKeys(ctx, before, began)
		a.tellOfNewKeys(a.config.Clients.Algorithms())
	}
	if err := a.provider.RefreshNotBefore(ctx); err != nil {
		return a.deployment.understood(err)
	}
	if err := a.store.Probe(ctx); err != nil {
		return err
	}
	a.redis.learn(nil)
	a.learnPolicy(ctx)
	return nil
}

// learnPolicy asks what Redis does when its memory is full. It need not let us ask, and
// then nobody knows better than before.
func (a *App) learnPolicy(ctx context.Context) {
	policy, err := a.store.Policy(ctx)
	if err != nil {
		return
	}
	text := Forgetful(policy)
	if text == "" {
		a.forgetful.Store(nil)
		return
	}
	if was := a.forgetful.Swap(&text); was == nil || *was != text {
		a.log.LogAttrs(ctx, slog.LevelWarn, "Redis may forget logins", slog.String("cause", text))
	}
}

// Forgetful says what is wrong with Redis's maxmemory-policy, if anything.
func Forgetful(policy string) string {
	if policy == "" || policy == "noeviction" {
		return ""
	}
	return "maxmemory-policy is " + policy + ": a full Redis throws logins away, fetched identities too; set noeviction"
}

// maintain does what is due from time to time, until ctx ends.
func (a *App) maintain(ctx context.Context) {
	var tasks sync.WaitGroup
	if a.ring != nil {
		tasks.Go(func() { a.followKeys(ctx) })
	}
	tasks.Go(func() { a.followNotBefore(ctx) })
	tasks.Go(func() {
		for pause(ctx, rejoin); ctx.Err() == nil; pause(ctx, rejoin) {
			if err := a.deployment.join(ctx); err != nil {
				a.log.LogAttrs(ctx, slog.LevelError, "the deployment could not be joined again", slog.String("cause", err.Error()))
			}
			a.learnPolicy(ctx)
		}
	})
	tasks.Go(func() { a.tellLogouts(ctx) })
	tasks.Go(func() { a.collectLogins(ctx) })
	tasks.Wait()
}

// tellLogouts tells clients of logouts until ctx ends. What it does not come to
// any more is told by another replica, or after the next start. What fails again
// and again is said once.
func (a *App) tellLogouts(ctx context.Context) {
	failing := false
	a.provider.RunLogouts(ctx, tellEvery, func(err error) {
		if err != nil && !failing {
			a.log.LogAttrs(ctx, slog.LevelWarn, "clients are not told of logouts", slog.String("cause", err.Error()))
		}
		failing = err != nil
	})
}
