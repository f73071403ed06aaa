package app_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/storage"
)

// FuzzConfig: the parser never panics, every problem has a line and a text, and
// what it accepts is what every part asks of it.
func FuzzConfig(f *testing.F) {
	// Short ones: a fuzzer spends its time on making long ones shorter.
	for _, line := range strings.SplitAfter(base, "\n") {
		f.Add(line, "")
		f.Add("", line)
	}
	f.Add("", scopesLine+"    secret_hash: ["+secretHash+"]\n    pkce: optional\n")
	f.Add("lifetimes: {lease: 1m, code: 10s}\n", "    scopes: []\n    sector: a\n")
	f.Add("keys: {keep: 365d}\nlimits: {total: 0}\n", "    auth_method: none\n")
	f.Fuzz(func(t *testing.T, head, client string) {
		// The head stands among the sections, the rest in a client.
		text := []byte(head + base + client)
		c, err := app.Parse("a.yaml", text, environment)
		if err != nil {
			for _, line := range strings.Split(problems(t, err), "\n") {
				number, said, ok := strings.Cut(line, ": ")
				if !ok || strings.Trim(number, "0123456789") != "" || said == "" {
					t.Errorf("no problem: %q", line)
				}
			}
			return
		}
		sound(t, c)
		if _, err := app.Parse("a.yaml", text, environment); err != nil {
			t.Errorf("accepted once, and then: %v", err)
		}
	})
}

// sound checks what the rest of the house relies on.
func sound(t *testing.T, c *app.Config) {
	t.Helper()
	redis := c.Redis.Options
	redis.Dial = nil
	store, err := storage.Open(redis, storage.NewKeyring(c.MasterKey.Current, c.MasterKey.Accept...))
	if err != nil {
		t.Fatalf("storage refuses: %v", err)
	}
	defer store.Close()
	upstream, err := itsme.New(c.Upstream)
	if err != nil {
		t.Fatalf("itsme refuses: %v", err)
	}
	p, err := provider.New(c.Provider, provider.Parts{Store: store, Upstream: upstream, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatalf("provider refuses: %v", err)
	}
	p.Register(c.Clients)
	if len(c.Signing.Files.Keys) == 0 {
		if err := c.Signing.Policy.Check(app.RefreshEvery, max(c.Provider.AccessToken, c.Provider.IDToken)); err != nil {
			t.Errorf("keys refuses: %v", err)
		}
	}
	if len(c.Salt.Reveal()) < 32 {
		t.Error("the salt is short")
	}
	if c.Server.Timeouts.Write <= c.Provider.Lease || c.Server.Timeouts.Drain <= c.Provider.Lease {
		t.Error("a return could be cut off")
	}
	seen := map[string]bool{}
	for _, client := range c.Clients {
		if client.ID == "" || seen[client.ID] || client.Name == "" || client.Home == "" || len(client.RedirectURIs) == 0 || client.Deadline <= 0 {
			t.Errorf("a client that is none: %+v", client.Terms)
		}
		seen[client.ID] = true
		if (client.AuthMethod == provider.None) == (len(client.SecretHashes) > 0) {
			t.Errorf("%s: %s with %d secrets", client.ID, client.AuthMethod, len(client.SecretHashes))
		}
		if client.AuthMethod == provider.None && client.PKCEOptional || client.Subject == provider.Pairwise && client.Sector == "" {
			t.Errorf("%s is not protected", client.ID)
		}
		for _, uri := range client.RedirectURIs {
			safe(t, uri)
		}
		safe(t, client.Home)
	}
}

// safe: what a browser is sent to is https, this machine, or an app.
func safe(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.ContainsAny(address, " \t\r\n\\") {
		t.Errorf("address %q", address)
		return
	}
	local := u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.") || u.Hostname() == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) && !strings.Contains(u.Scheme, ".") {
		t.Errorf("address %q", address)
	}
}
