package app

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

// Agreement is what the replicas of a deployment agree on.
type Agreement = agreement

// Join is the rule by which a replica joins.
func (a agreement) Join(ids []string, salt string, now time.Time) (agreement, bool, error) {
	return a.join(ids, salt, now)
}

// PublicServer is what serves the world.
func (a *App) PublicServer() *http.Server { return a.server() }

// OperationsServer is what serves operators.
func (a *App) OperationsServer() *http.Server { return a.operationsServer() }

// ConnectionLog is what net/http logs to.
func ConnectionLog(to slog.Handler) *log.Logger { return connectionLog(to) }

// KeysCell is where the signing keys of a configuration are, until done.
func KeysCell(c *config.Config) (cell keys.Cell, done func() error, err error) {
	store, err := openStore(c)
	if err != nil {
		return nil, nil, err
	}
	return keysCell(store), store.Close, nil
}

// RefreshKeys is what a bridge does with its ring from time to time.
func (a *App) RefreshKeys(ctx context.Context) error { return a.ring.Refresh(ctx) }

// Registry is where a bridge's metrics are.
func (a *App) Registry() *prometheus.Registry { return a.metrics.registry }

// LearnPolicy is what a bridge asks Redis once an hour.
func (a *App) LearnPolicy(ctx context.Context) { a.learnPolicy(ctx) }
