//go:build products

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Client is an entry of the bridge's configuration.
type Client struct {
	ID     string
	Secret string // "": it has none, or AddClient was not told it
	Said   string // by `client new`: what to do on the other side
	Folder string // of what `client new --out` wrote; "": it was not asked

	w     *World
	entry settings
}

// NewClient runs `itsme-bridge client new` with these flags, for this issuer, and
// takes the entry that it writes into the configuration of the running bridge.
func (w *World) NewClient(flags ...string) *Client {
	w.t.Helper()
	folder := filepath.Join(w.t.TempDir(), "out")
	args := append([]string{"client", "new", "--issuer", w.Issuer, "--out", folder}, flags...)
	out, err := w.bridge.command(w.t, args...).CombinedOutput()
	if err != nil {
		w.t.Fatalf("itsme-bridge %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	c := &Client{w: w, Folder: folder, Said: string(out)}
	c.entry = entryOf(w.t, c.Read("client.yaml"))
	if secret, err := os.ReadFile(c.File("secret")); err == nil { // a public client has none
		c.Secret = string(secret)
	}
	return w.add(c)
}

// AddClient takes an entry, or the first of a list under clients:, into the
// configuration of the running bridge.
func (w *World) AddClient(yaml string) *Client {
	w.t.Helper()
	c := &Client{w: w, entry: entryOf(w.t, yaml)}
	c.Secret, _ = c.entry["secret"].(string)
	return w.add(c)
}

func (w *World) add(c *Client) *Client {
	w.t.Helper()
	c.ID, _ = c.entry["id"].(string)
	w.bridge.clients = append(w.bridge.clients, c)
	w.bridge.reload(w.t)
	return c
}

func entryOf(t testing.TB, text string) settings {
	t.Helper()
	whole := parse(t, text)
	entries, listed := whole["clients"].([]any)
	if !listed {
		return whole
	}
	if len(entries) != 1 {
		t.Fatalf("e2e: want one client:\n%s", text)
	}
	entry, _ := entries[0].(settings)
	return entry
}

// Set changes the entry, as "key: value" or several lines of it, in the running
// bridge. A key with the value null is taken away.
func (c *Client) Set(change string) {
	c.w.t.Helper()
	maps.Copy(c.entry, parse(c.w.t, change))
	maps.DeleteFunc(c.entry, func(_ string, value any) bool { return value == nil })
	c.w.bridge.reload(c.w.t)
}

// File is the path of something that `client new --out` wrote.
func (c *Client) File(name string) string { return filepath.Join(c.Folder, name) }

// Read is the content of something that `client new --out` wrote.
func (c *Client) Read(name string) string {
	c.w.t.Helper()
	text, err := os.ReadFile(c.File(name))
	if err != nil {
		c.w.t.Fatal(err)
	}
	return string(text)
}
