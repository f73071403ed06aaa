package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/itsme-demo/internal/client"
	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// demo is three parties, each on a port, and the Redis beneath the bridge.
type demo struct {
	issuer, simulator, application string

	ports  ports
	memory *memory
	bridge *app.App
	itsme  http.Handler
	client http.Handler
	now    func() time.Time
}

// prepare takes the ports and makes the parties.
func prepare(ctx context.Context, o options, log io.Writer, now func() time.Time) (*demo, error) {
	taken, err := take(ctx, o.port)
	if err != nil {
		return nil, err
	}
	d := &demo{
		issuer: urlOf(taken.bridge), simulator: urlOf(taken.simulator), application: urlOf(taken.application),
		ports: taken, now: now,
	}
	if err := d.parties(ctx, o, log); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *demo) parties(ctx context.Context, o options, log io.Writer) (err error) {
	if d.memory, err = startMemory(); err != nil {
		return err
	}
	simulated := sandbox.Options{Now: d.now, URL: d.simulator}
	if o.auto {
		simulated.Auto = itsme.Success
	}
	d.itsme = sandbox.New(simulated)
	secret := newSecret()
	if d.bridge, err = d.newBridge(ctx, o, secret, log); err != nil {
		return err
	}
	d.client, err = client.New(client.Config{
		URL: d.application, Issuer: d.issuer, ID: clientID, Secret: secret, Simulator: d.simulator,
		HTTP: &http.Client{Timeout: 10 * time.Second}, Now: d.now,
	})
	return err
}

func (d *demo) close() {
	d.ports.close()
	if d.memory != nil {
		d.memory.server.Close()
	}
}

// run serves until ctx ends or a party does. The bridge stops first: what it
// drains still needs the others.
func (d *demo) run(ctx context.Context, stdout io.Writer) error {
	defer d.close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	after, stopOthers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopOthers()

	var others errgroup.Group
	others.Go(func() error { d.memory.age(after, d.now); return nil })
	others.Go(func() error { defer stop(); return serve(after, d.ports.simulator, d.itsme) })
	others.Go(func() error { defer stop(); return serve(after, d.ports.application, d.client) })

	var first errgroup.Group
	first.Go(func() error { defer stop(); return d.bridge.Run(ctx) })
	first.Go(func() error {
		err := d.announce(ctx, stdout)
		if errors.Is(err, context.Canceled) {
			return nil // told to stop before everybody was ready
		}
		if err != nil {
			stop()
		}
		return err
	})
	err := first.Wait()
	stopOthers()
	return errors.Join(err, others.Wait())
}

// serve is one party, until ctx ends.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	closed := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer closed()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
