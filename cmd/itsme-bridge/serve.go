package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"itsme-bridge/cmd/internal/app"
)

// serve runs the bridge until ctx ends.
func (p *process) serve(ctx context.Context, c *call) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)

	config, path, _, err := c.config(p)
	if err != nil {
		return err
	}
	log := config.Log.Logger(p.stdout)
	for _, warning := range config.Warnings() {
		log.LogAttrs(ctx, slog.LevelWarn, "configuration", slog.String("warning", warning.String()))
	}
	bridge, err := app.New(ctx, config, app.Options{
		Log: log, Now: p.now, Version: versionOf(version),
		Reread: func() (*app.Config, error) { return app.Load(path, p.environment) },
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
				_ = bridge.Reload() // the log has it
			}
		}
	}()
	return bridge.Run(ctx)
}
