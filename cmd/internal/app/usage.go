package app

import (
	"context"
	"log/slog"
	"time"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/provider/ledger"
)

// Usage is what became of the transactions of a month, of each client.
func Usage(ctx context.Context, c *config.Config, month time.Time, now func() time.Time) ([]ledger.Usage, error) {
	store, err := openStore(c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }() // nothing is left that could be lost
	if err := newDeployment(c, store, now).check(ctx); err != nil {
		return nil, plain(store, err)
	}
	ids := make([]string, len(c.Clients))
	for i, client := range c.Clients {
		ids[i] = client.ID
	}
	return ledger.Read(ctx, store, month, ids)
}

// collectLogins counts the logins of which nothing can become any more, until ctx
// ends. What it does not come to is counted by another replica, or after the next
// start. What fails again and again is said once.
func (a *App) collectLogins(ctx context.Context) {
	failing := false
	for pause(ctx, ledger.CollectEvery); ctx.Err() == nil; pause(ctx, ledger.CollectEvery) {
		err := a.tryCollect(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "what became of logins is not counted", slog.String("cause", err.Error()))
		}
		failing = err != nil
	}
}

func (a *App) tryCollect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ledger.CollectEvery)
	defer cancel()
	return a.provider.CollectLogins(ctx)
}
