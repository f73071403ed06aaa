package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/echo"
	"itsme-bridge/cmd/internal/tracing"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/remote"
	"itsme-bridge/storage"
)

// Options are what a process brings, apart from its configuration.
type Options struct {
	Log               *slog.Logger
	Now               func() time.Time
	Version, Revision string // for the metrics: what is running

	Stdout io.Writer // of an audit stream that goes there; each event is one Write

	Listener   net.Listener // nil: one on the configured address
	Operations net.Listener // nil: one on the configured address, if there is any

	Supervisor Supervisor // the zero value: nobody

	// Reread reads the configuration again, for [App.Reload]; nil: there is nothing to reload.
	Reread func() (*config.Config, error)
}

// App is a bridge that can run, once.
type App struct {
	log     *slog.Logger
	now     func() time.Time
	version string
	reread  func() (*config.Config, error)

	supervisor Supervisor

	store      *storage.Store
	redis, cm  floor
	deployment deployment
	signer     signer
	ring       *keys.Ring // nil: keys from files
	provider   *provider.Provider
	echo       *echo.Echo
	metrics    *metrics
	tracing    *tracing.Tracing // nil: none
	audit      auditing

	public      net.Listener
	operations  net.Listener // nil: none
	certificate *certificate // nil: plain http

	reloading sync.Mutex
	config    *config.Config // that this process began with
	clients   config.Clients // that count now

	ready     chan struct{}
	text      atomic.Pointer[string] // of the configuration that was read last: see [TextMark]
	began     atomic.Bool            // keys are there, and the deployment lets us join
	draining  atomic.Bool
	forgetful atomic.Pointer[string] // what is wrong with Redis's policy; nil: nothing
}

// signer is *keys.Ring or *keys.Static.
type signer interface {
	grant.Signer
	Ready() error
	List() []keys.Info
}

// cellLife is how long a deployment may sleep and still know its keys.
const cellLife = 400 * 24 * time.Hour

// New builds a bridge and listens; [App.Run] serves. It asks nothing of Redis or CM.
func New(ctx context.Context, c *config.Config, o Options) (*App, error) {
	a := &App{
		log: o.Log, now: o.Now, reread: o.Reread, supervisor: o.Supervisor, config: c, version: o.Version,
		public: o.Listener, operations: o.Operations, ready: make(chan struct{}),
	}
	if err := a.build(ctx, &o); err != nil {
		a.close() //nolint:contextcheck // what is still to be written has a time of its own
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context, o *Options) (err error) {
	c := a.config
	if a.store, err = openStore(c); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	if a.metrics, err = newMetrics(registry, o.Version, o.Revision, a.now); err != nil {
		return err
	}
	a.clients = c.Clients
	if err := a.openAudit(o); err != nil {
		return err
	}
	a.store.Observe(a.now, a.metrics.roundTrip)
	a.redis = floor{ask: a.store.Probe, counts: redisCounts, patience: redisPatience, now: a.now}
	a.deployment = newDeployment(c, a.store, a.now)
	if a.signer, a.ring, err = newSigner(c, a.store, a.now); err != nil {
		return err
	}
	if a.tracing, err = tracing.New(ctx, c.Tracing, tracing.Parts{Version: o.Version, Log: a.log, Metrics: registry}); err != nil {
		return err
	}
	if tracer := a.tracing.Tracer(); tracer != nil {
		a.store.Trace(tracer)
	}
	if a.provider, err = newProvider(c, a, registry); err != nil { //nolint:contextcheck // what its gates say later belongs to no start
		return err
	}
	if a.echo, err = echo.New(c.Provider.Issuer, c.Provider.TrustedProxies, a.now); err != nil {
		return err
	}
	a.told(c)
	if c.Server.Certificate != (config.CertificateFiles{}) {
		if a.certificate, err = newCertificate(c.Server.Certificate); err != nil {
			return err
		}
	}
	if err := registry.Register(newStanding(a)); err != nil {
		return fmt.Errorf("app: metrics: %w", err)
	}
	return a.listen(ctx)
}

// openStore makes the store. It connects when it is first used.
func openStore(c *config.Config) (*storage.Store, error) {
	options, err := c.Redis.Reveal()
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return storage.Open(options, storage.NewKeyring(c.MasterKey.Current, c.MasterKey.Accept...))
}

// newSigner makes the ring that replicas share, or reads the files. A ring has the
// algorithms that clients use; a reload may bring others: see [App.sign].
func newSigner(c *config.Config, store *storage.Store, now func() time.Time) (signer, *keys.Ring, error) {
	if c.Signing.InFiles() {
		static, err := keys.FromPEM(now, c.Signing.Files)
		return static, nil, err
	}
	ring := keys.NewRing(keysCell(store), c.Clients.Algorithms(), c.Signing.Policy, now)
	return ring, ring, nil
}

func keysCell(store *storage.Store) *storage.Cell { return store.Cell("keys", cellLife) }

func newProvider(c *config.Config, a *App, registry *prometheus.Registry) (*provider.Provider, error) {
	tracer, asking := a.tracing.Tracer(), c.Upstream
	asking.Tracer = tracer
	upstream, err := itsme.New(asking)
	if err != nil {
		return nil, err
	}
	if err := checkIDs(c.Clients); err != nil {
		return nil, err
	}
	roots, err := c.Outbound.RootCAs()
	if err != nil {
		return nil, err
	}
	a.cm = floor{ask: upstream.Reach, counts: cmCounts, patience: cmPatience, now: a.now}
	outbound := remote.New(remote.Options{Reachable: c.Outbound.Reachable, RootCAs: roots, Tracer: tracer})
	settings := c.Provider
	settings.Salt, settings.FollowTraces = []byte(c.Salt.Reveal()), c.Tracing.FollowProxies
	p, err := provider.New(settings, provider.Parts{
		Store: a.store, Upstream: upstream, Signer: a.signer, Log: a.log, Metrics: registry, Now: a.now,
		KeySets: remote.NewKeySets(outbound, a.now), Outbound: outbound, Tracer: tracer, Serving: a.serving, Audit: a.audit.log,
	})
	if err != nil {
		return nil, err
	}
	p.Dress(c.Looks)
	p.Register(c.Clients)
	return p, nil
}

// checkIDs refuses two clients of one id: clients may come from several places.
func checkIDs(clients config.Clients) error {
	seen := map[string]bool{}
	for _, client := range clients {
		if seen[client.ID] {
			return fmt.Errorf("app: two clients have the id %s; give each its own", client.ID)
		}
		seen[client.ID] = true
	}
	return nil
}

// listen takes the addresses that were not brought.
func (a *App) listen(ctx context.Context) (err error) {
	take := func(path, address string) (net.Listener, error) {
		var listening net.ListenConfig
		taken, err := listening.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, &placedError{a.config.Place(path, "%v; %s", err, unlistened(err)), err}
		}
		return taken, nil
	}
	var other error
	if a.public == nil {
		a.public, err = take("listen", a.config.Server.Listen)
	}
	if a.operations == nil && a.config.Operations.Listen != "" {
		a.operations, other = take("operations.listen", a.config.Operations.Listen)
	}
	return errors.Join(err, other)
}

// close gives back what New took. It may be called at any time after that.
func (a *App) close() {
	for _, listener := range []net.Listener{a.public, a.operations} {
		if listener != nil {
			_ = listener.Close() // often already closed by its server
		}
	}
	a.tracing.Close(context.Background()) // after all that makes spans has ended
	a.closeAudit()
	if a.store != nil {
		_ = a.store.Close() // nothing is left that could be lost
	}
}

// Ready is closed when every endpoint answers.
func (a *App) Ready() <-chan struct{} { return a.ready }

// Addresses are where the public listener and that for operators are; nil: no such listener.
func (a *App) Addresses() (public, operations net.Addr) {
	if a.operations != nil {
		operations = a.operations.Addr()
	}
	return a.public.Addr(), operations
}

// Format prints nothing of what is inside.
func (a *App) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "app.App") }
