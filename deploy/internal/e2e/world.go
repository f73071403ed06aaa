//go:build products

package e2e

import (
	"bytes"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/provider/providertest/chromium"
	"itsme-bridge/storage/storagetest"
)

// World is a bridge and what it stands on.
type World struct {
	Issuer    string
	Simulator *sandbox.TestServer // of CM's API

	t       testing.TB
	bridge  *bridge
	browser func() (*chromium.Browser, error)
}

// Start starts a world without clients. Settings are pieces of the configuration that
// replace what it has by itself, such as "session: {ttl: 1h}".
func Start(t testing.TB, changes ...string) *World {
	t.Helper()
	chromium.Needed(t)
	w := &World{t: t, Simulator: sandbox.NewServer(t, sandbox.Options{Now: time.Now})}
	w.browser = sync.OnceValues(func() (*chromium.Browser, error) {
		b, err := chromium.Start()
		if err == nil {
			t.Cleanup(b.Close)
		}
		return b, err
	})
	address := net.JoinHostPort("127.0.0.1", Port(t))
	w.Issuer = "http://" + address
	w.bridge = &bridge{
		file:     filepath.Join(t.TempDir(), "config.yaml"),
		settings: parse(t, first(storagetest.ServeOnPort(t), w.Simulator.URL, address)),
	}
	for _, change := range changes {
		maps.Copy(w.bridge.settings, parse(t, change))
	}
	w.bridge.write(t)
	w.bridge.process = Run(t, "itsme-bridge", w.bridge.command(t, "serve", "--config", w.bridge.file))
	w.bridge.process.Until(w.Issuer + "/.well-known/openid-configuration")
	return w
}

// Browser is a tab of a real browser, in a profile of its own.
func (w *World) Browser() *chromium.Tab {
	w.t.Helper()
	b, err := w.browser()
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Tab(w.t)
}

// Command runs itsme-bridge with the configuration of this world: Command("keys", "rotate").
// It must succeed, and returns what it prints.
func (w *World) Command(args ...string) string {
	w.t.Helper()
	command := w.bridge.command(w.t, append(args, "--config", w.bridge.file)...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		w.t.Fatalf("itsme-bridge %s: %v\n%s%s", strings.Join(args, " "), err, out, complaints.String())
	}
	return string(out)
}

// Log is what the bridge has said.
func (w *World) Log() string { return w.bridge.process.Said() }

// Bridge is the process of the bridge.
func (w *World) Bridge() *Process { return w.bridge.process }

// Transactions are what CM was asked for, oldest first.
func (w *World) Transactions() []sandbox.Transaction { return w.Simulator.Transactions() }

// Saw fails the test unless CM was asked for just these transactions, and they came to this.
func (w *World) Saw(want ...itsme.Status) {
	w.t.Helper()
	var got []string
	for _, t := range w.Transactions() {
		got = append(got, string(t.Status))
	}
	wanted := make([]string, len(want))
	for i, status := range want {
		wanted[i] = string(status)
	}
	if strings.Join(got, " ") != strings.Join(wanted, " ") {
		w.t.Errorf("CM saw %d transactions, %q; want %q", len(got), got, wanted)
	}
}
