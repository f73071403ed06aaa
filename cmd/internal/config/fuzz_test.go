package config_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider"
	"itsme-bridge/provider/client"
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
	f.Add("", scopesLine+"    secret_hash: ["+secretHash+"]\n    pkce: or_nonce\n")
	f.Add("lifetimes: {lease: 1m, code: 10s}\n", "    scopes: []\n    sector_identifier: a\n")
	f.Add("session: {ttl: 1h}\noutbound: {reachable: [10.0.0.0/8]}\n", "    jwks: [{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}]\n")
	f.Add("", "    profile: fapi2\n    jwks_uri: https://a.example/jwks\n")
	f.Add("", "    response_types: [id_token code]\n    jwks_uri: https://a.example/jwks\n    request_uris: ['https://a.example/']\n")
	f.Add("keys: {keep: 365d}\nlimits: {total: 0}\n", "    auth_method: none\n")
	f.Fuzz(func(t *testing.T, head, client string) {
		// The head stands among the sections, the rest in a client.
		text := []byte(head + base + client)
		c, err := config.Parse("a.yaml", text, Environment)
		if err != nil {
			for _, line := range strings.Split(Problems(t, err), "\n") {
				number, said, ok := strings.Cut(line, ": ")
				if !ok || strings.Trim(number, "0123456789") != "" || said == "" {
					t.Errorf("no problem: %q", line)
				}
			}
			return
		}
		sound(t, c)
		if _, err := config.Parse("a.yaml", text, Environment); err != nil {
			t.Errorf("accepted once, and then: %v", err)
		}
	})
}

// sound checks what the rest of the house relies on.
func sound(t *testing.T, c *config.Config) {
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
	p, err := provider.New(c.Provider, provider.Parts{Store: store, Signer: new(keys.Static), Upstream: upstream, Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatalf("provider refuses: %v", err)
	}
	p.Register(c.Clients)
	if len(c.Signing.Files.Keys) == 0 {
		if err := c.Signing.Policy.Check(config.RefreshKeysEvery, max(c.Provider.AccessToken, c.Provider.IDToken)); err != nil {
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
	for _, rp := range c.Clients {
		if rp.ID == "" || seen[rp.ID] || rp.Name == "" || rp.Home == "" || len(rp.RedirectURIs) == 0 || rp.Deadline <= 0 {
			t.Errorf("a client that is none: %+v", rp.Terms)
		}
		seen[rp.ID] = true
		if secretless := rp.AuthMethod == client.None || rp.AuthMethod == client.PrivateKeyJWT; secretless == (len(rp.SecretHashes) > 0) {
			t.Errorf("%s: %s with %d secrets", rp.ID, rp.AuthMethod, len(rp.SecretHashes))
		}
		if rp.AuthMethod == client.None && rp.PKCE != client.PKCERequired || rp.Subject == client.Pairwise && rp.Sector == "" {
			t.Errorf("%s is not protected", rp.ID)
		}
		for _, uri := range rp.RedirectURIs {
			safe(t, uri)
		}
		safe(t, rp.Home)
		outward(t, &rp)
		if rp.FAPI2 && (rp.AuthMethod != client.PrivateKeyJWT || !rp.RequirePushed || !rp.RequireDPoP || rp.PKCE != client.PKCERequired || rp.SigningAlg == keys.RS256) {
			t.Errorf("%s does not keep to its profile", rp.ID)
		}
	}
}

// outward: what we ask of a client is https, or this machine, and what it signs can be verified.
func outward(t *testing.T, rp *client.Client) {
	t.Helper()
	for _, address := range append([]string{rp.Keys.URI, rp.BackChannelLogoutURI}, rp.RequestURIs...) {
		if address == "" {
			continue
		}
		if safe(t, address); !strings.HasPrefix(strings.ToLower(address), "http") || strings.Contains(address, "#") {
			t.Errorf("address %q", address)
		}
	}
	for _, uri := range rp.PostLogoutRedirectURIs {
		safe(t, uri)
	}
	for _, key := range rp.Keys.Set {
		if !key.IsPublic() {
			t.Errorf("%s: a key that is not public", rp.ID)
		}
	}
	if rp.AuthMethod == client.PrivateKeyJWT && rp.Keys.URI == "" && len(rp.Keys.Set) == 0 {
		t.Errorf("%s cannot say who it is", rp.ID)
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
