package app

import (
	"log"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
)

// PublicSecrets are the hashes of the example's secrets.
func PublicSecrets() []string { return exampleSecrets() }

// Known are the paths of all keys that a configuration may have, as far as this one leads.
func Known(name string, text []byte, environment func(string) (string, bool)) (known []string, problems []Problem) {
	d := document.Parse(name, text, environment)
	_, err := read(d)
	if invalid, ok := err.(*InvalidError); ok { //nolint:errorlint // read wraps nothing
		problems = invalid.Problems
	}
	return d.Known(), problems
}

// RefreshEvery is how often a replica looks at the keys.
const RefreshEvery = refreshEvery

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
func KeysCell(c *Config) (cell keys.Cell, done func() error, err error) {
	store, err := c.Redis.open(c.MasterKey.keyring())
	if err != nil {
		return nil, nil, err
	}
	return keysCell(store), store.Close, nil
}
