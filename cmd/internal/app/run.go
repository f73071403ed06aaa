package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"itsme-bridge/provider/audit"
)

// Run serves until ctx ends, and then drains: it says that it is not ready, lets
// load balancers notice, stops listening, finishes what has begun, and waits for
// identities on their way from CM to Redis.
//
// Before Redis answers and the deployment lets it join, it tells everybody to come
// again, and readiness says why.
func (a *App) Run(ctx context.Context) error {
	defer a.close()                                             //nolint:contextcheck // what is still to be written has a time of its own
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // of what goes on while draining
	var background sync.WaitGroup
	defer background.Wait()
	defer end()

	failed := make(chan error, 2)
	start := func(server *http.Server, listener net.Listener, c *certificate) {
		background.Go(func() {
			if err := serve(server, listener, c); err != nil {
				failed <- err
			}
		})
	}
	if a.operations != nil {
		operations := a.operationsServer()
		start(operations, a.operations, nil)
		defer func() { _ = operations.Close() }() // the last to go: it says that we drain
	}
	server := a.server()
	start(server, a.public, a.certificate)
	if ok, err := a.begin(ctx); !ok {
		_ = server.Close() // who was told to come again does so elsewhere
		return err
	}
	background.Go(func() { a.maintain(life) })
	close(a.ready)
	a.announce(ctx)
	a.audit.log.Write(audit.Event{Name: audit.Started, BridgeVersion: a.version})
	a.supervisor.tell(stateReady, "serving "+a.config.Provider.Issuer)
	background.Go(func() { a.prove(life) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, a.drain(life, server))
}

// announce says where everything is.
func (a *App) announce(ctx context.Context) {
	public, operations := a.Addresses()
	attrs := []slog.Attr{slog.String("issuer", a.config.Provider.Issuer), slog.String("address", public.String())}
	if operations != nil {
		attrs = append(attrs, slog.String("operations", operations.String()))
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "serving", append(attrs, slog.Int("clients", len(a.config.Clients)))...)
}

// drain ends what Run began, in the order in which nothing is lost.
func (a *App) drain(life context.Context, server *http.Server) error {
	timeouts := a.config.Server.Timeouts
	a.draining.Store(true)
	a.supervisor.tell(stateStopping, "draining")
	a.log.LogAttrs(life, slog.LevelInfo, "draining", slog.String("delay", timeouts.DrainDelay.String()))
	pause(life, timeouts.DrainDelay)

	ctx, cancel := context.WithTimeout(life, timeouts.Drain)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("app: drain: requests were cut off after %s", timeouts.Drain)
		_ = server.Close() // Shutdown has said what there is to say
	}
	// A browser may be gone and its identity still on the way. Nothing new begins
	// now, and nothing that has begun takes longer than this.
	fetching, done := context.WithTimeout(life, a.config.Provider.Status+a.config.Provider.Lease)
	defer done()
	err = errors.Join(err, a.provider.Drain(fetching))
	a.log.LogAttrs(life, slog.LevelInfo, "drained", slog.Bool("complete", err == nil))
	a.audit.log.Write(audit.Event{Name: audit.Stopped, BridgeVersion: a.version})
	return err
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
