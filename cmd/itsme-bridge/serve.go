package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
)

// serve runs the bridge until ctx ends.
func (p *process) serve(ctx context.Context, c *call) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)

	settings, path, _, err := c.config(p)
	if err != nil {
		return err
	}
	log := settings.Log.Logger(p.stdout)
	for _, warning := range settings.Warnings() {
		log.LogAttrs(ctx, slog.LevelWarn, "configuration", slog.String("warning", warning.String()))
	}
	bridge, err := app.New(ctx, settings, app.Options{
		Log: log, Now: p.now, Version: versionOf(version),
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
