package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
)

func (p *process) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "serve --config FILE",
		Short:   "run the bridge; SIGHUP reloads clients, pages and certificate, SIGTERM drains",
		Example: examples("itsme-bridge serve --config config.yaml"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.serve(c.Context(), at) }
	return c
}

// serve runs the bridge until ctx ends.
func (p *process) serve(ctx context.Context, at *file) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)

	settings, path, err := at.load()
	if err != nil {
		return err
	}
	out := &whole{to: p.stdout}
	log := settings.Log.Logger(out)
	for _, warning := range settings.Warnings() {
		log.LogAttrs(ctx, slog.LevelWarn, "configuration", slog.String("warning", warning.String()))
	}
	bridge, err := app.New(ctx, settings, app.Options{
		Log: log, Stdout: out, Now: p.now, Version: versionOf(version), Revision: revisionOf(revision), Supervisor: supervisor(),
		Reread: func() (*config.Config, error) { return config.Load(path, p.environment) },
	})
	if err != nil {
		return err
	}
	ended, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	go func() {
		for {
			select {
			case <-ended.Done():
				return
			case <-hangups:
				_ = bridge.Reload() //nolint:contextcheck // it ends in time by itself; the log has its error
			}
		}
	}()
	return bridge.Run(ctx)
}

// whole is a stream on which the lines of the log and those of the audit stream stay
// whole: each is one Write.
type whole struct {
	mu sync.Mutex
	to io.Writer
}

func (w *whole) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(line) //nolint:wrapcheck // it is what it is
}
