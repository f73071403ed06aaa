package app

import (
	"context"
	"log/slog"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/provider/notbefore"
)

// NotBeforeEvery is how often a replica looks for logins that were revoked: so
// much later it refuses them, at the latest.
const NotBeforeEvery = 5 * time.Second

// RevokeLogins ends all logins of a client, or of all clients (""), up to now. It
// returns up to when they are over from here on.
func RevokeLogins(ctx context.Context, c *config.Config, client string, now func() time.Time) (time.Time, error) {
	store, err := openStore(c)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = store.Close() }() // nothing is left that could be lost
	if err := newDeployment(c, store, now).check(ctx); err != nil {
		return time.Time{}, plain(store, err)
	}
	return notbefore.Set(ctx, store, client, now())
}

// followNotBefore keeps up with what was revoked, until ctx ends. What fails
// again and again is said once.
func (a *App) followNotBefore(ctx context.Context) {
	failing := false
	for pause(ctx, NotBeforeEvery); ctx.Err() == nil; pause(ctx, NotBeforeEvery) {
		err := a.refreshNotBefore(ctx)
		if err != nil && ctx.Err() == nil {
			a.metrics.notBeforeFailures.Inc()
			if !failing {
				a.log.LogAttrs(ctx, slog.LevelWarn, "nobody knows which logins were revoked since", slog.String("cause", err.Error()))
			}
		}
		failing = err != nil
	}
}

func (a *App) refreshNotBefore(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, NotBeforeEvery)
	defer cancel()
	before := a.provider.NotBefore()
	err := a.provider.RefreshNotBefore(ctx)
	a.auditRevocations(a.provider.NotBefore().Since(before))
	return err
}
