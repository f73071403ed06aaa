package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage"
)

// clientID is the demo application's, as bridge.yaml has it.
const clientID = "demo"

//go:embed bridge.yaml
var configuration []byte

// newBridge wires the bridge as production does, and gives it the port that is
// its own already.
func (d *demo) newBridge(ctx context.Context, o options, clientSecret string, log io.Writer) (*app.App, error) {
	settings, err := config.Parse("bridge.yaml", configuration, d.environment(o, clientSecret))
	if err != nil {
		return nil, err
	}
	more, err := moreClients(o.config)
	if err != nil {
		return nil, err
	}
	settings.Clients = append(settings.Clients, more...)
	return app.New(ctx, settings, app.Options{
		Log: settings.Log.Logger(log), Now: d.now, Version: "demo", Listener: d.ports.bridge,
	})
}

// environment answers the variables of bridge.yaml.
func (d *demo) environment(o options, clientSecret string) func(string) (string, bool) {
	salt := newSecret()
	variables := map[string]string{
		"ISSUER":           d.issuer,
		"LISTEN":           d.ports.bridge.Addr().String(),
		"LOG_LEVEL":        "warn",
		"REDIS":            d.memory.server.Addr(),
		"REDIS_PASSWORD":   d.memory.password,
		"MASTER_KEY":       storage.NewKey().Text(),
		"SALT":             salt,
		"SALT_FINGERPRINT": config.Fingerprint(document.NewSecret(salt)),
		"SIMULATOR":        d.simulator + "/itsme/v1/",
		"MERCHANT_TOKEN":   sandbox.MerchantToken,
		"START":            "auto",

		"APPLICATION_HOME":     d.application + "/",
		"APPLICATION_SECRET":   clientSecret,
		"APPLICATION_CALLBACK": d.application + "/callback",
	}
	if o.auto {
		variables["START"] = "direct"
	}
	if o.verbose {
		variables["LOG_LEVEL"] = "info"
	}
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

func newSecret() string { return rand.Text() + rand.Text() }

// moreClients reads the file of --config, whose ${NAME} are of this process.
func moreClients(file string) (config.Clients, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // the person at the keyboard names it
	if err != nil {
		return nil, err
	}
	clients, err := config.ParseClients(file, text, os.LookupEnv, false)
	var invalid *config.InvalidError
	if errors.As(err, &invalid) {
		return nil, fmt.Errorf("--config takes a file with clients: alone, as they stand in config.yaml\n%w", err)
	}
	for _, client := range clients {
		if client.ID == clientID {
			return nil, fmt.Errorf("%s: the id %s is the demo application's own; give yours another", file, clientID)
		}
	}
	return clients, err
}
