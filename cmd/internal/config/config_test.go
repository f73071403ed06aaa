package config_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

func TestWhatAConfigurationBecomes(t *testing.T) {
	text := Change(t, base, "  mode: single\n", `  mode: sentinel
  master_name: main
  username: bridge
  password: hunter2
  sentinel_password: hunter3
  database: 2
  prefix: "b:"
  pool_size: 7
  timeouts: {dial: 1s, read: 1500ms, write: 2500ms, pool: 500ms}
  tls: {server_name: redis.example}
`)
	text = Change(t, text, "clients:\n", `keys: {rotate_every: 10d, publish_ahead: 1d, keep: 3d}
lifetimes: {access_token: 10m, id_token: 6m, code: 30s, pushed_request: 90s, refresh_token: 30d, refresh_idle: 10d, refresh_grace: 0s, lease: 20s}
session: {ttl: 8h, share: true}
outbound: {reachable: [10.20.0.1/16, "fd00::1"]}
limits: {window: 2m, per_address: 1, per_client: 2, total: 0}
start: ask
max_attempts: 5
operations: {listen: "127.0.0.1:9999", pprof: true}
log: {level: debug, format: text}
audit: {to: stdout}
timeouts: {read_header: 1s, read: 2s, write: 40s, idle: 4s, drain_delay: 6s, drain: 50s}
clients:
`)
	text = Change(t, text, "  url: production\n", "  url: sandbox\n  timeout: 4s\n  status_timeout: 40s\n  allowed_hosts: ['*.itsme.example']\n  return_url: query\n")
	c := parse(t, text)

	wantProvider := provider.Config{
		Issuer: "https://login.example.be", TrustedProxies: []string{"10.0.0.0/8"}, Start: authorize.StartAsk, ReturnShape: login.ReturnQuery,
		MaxAttempts: 5, Limits: ceilings.Limits{Window: 2 * time.Minute, PerAddress: 1, PerClient: 2}, AccessToken: 10 * time.Minute,
		IDToken: 6 * time.Minute, Code: 30 * time.Second, PushedRequest: 90 * time.Second, RefreshToken: 720 * time.Hour, RefreshIdle: 240 * time.Hour,
		Session: session.Policy{TTL: 8 * time.Hour, Share: true}, Lease: 20 * time.Second, Upstream: 4 * time.Second, Status: 40 * time.Second, WriteBudget: 5 * time.Second,
	}
	if !reflect.DeepEqual(c.Provider, wantProvider) {
		t.Errorf("provider: %+v", c.Provider)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd00::1/128")}; !slices.Equal(c.Outbound.Reachable, want) {
		t.Errorf("outbound: %+v", c.Outbound)
	}
	wantRedis := storage.Options{
		Mode: "sentinel", Addresses: []string{"127.0.0.1:6379"}, Username: "bridge", Database: 2, MasterName: "main", Prefix: "b:",
		DialTimeout: time.Second, ReadTimeout: 1500 * time.Millisecond, WriteTimeout: 2500 * time.Millisecond, PoolTimeout: 500 * time.Millisecond, PoolSize: 7,
	}
	if !reflect.DeepEqual(c.Redis.Options, wantRedis) || c.Redis.Password.Reveal() != "hunter2" || c.Redis.SentinelPassword.Reveal() != "hunter3" {
		t.Errorf("redis: %+v", c.Redis.Options)
	}
	if want := (config.ClientTLS{On: true, ServerName: "redis.example"}); c.Redis.TLS != want {
		t.Errorf("redis.tls: %+v", c.Redis.TLS)
	}
	wantUpstream := itsme.Config{BaseURL: "sandbox", Token: CMToken, Timeout: 4 * time.Second, StatusTimeout: 40 * time.Second, AllowedHosts: []string{"*.itsme.example"}}
	if !reflect.DeepEqual(c.Upstream, wantUpstream) {
		t.Error("itsme is not what is written")
	}
	if p := c.Signing.Policy; p.Every != 240*time.Hour || p.Ahead != 24*time.Hour || p.Keep != 72*time.Hour {
		t.Errorf("keys: %+v", p)
	}
	if want := (config.Server{Listen: "0.0.0.0:8443", Timeouts: config.Timeouts{
		ReadHeader: time.Second, Read: 2 * time.Second, Write: 40 * time.Second, Idle: 4 * time.Second, DrainDelay: 6 * time.Second, Drain: 50 * time.Second,
	}}); c.Server != want {
		t.Errorf("server: %+v", c.Server)
	}
	if c.Operations != (config.Operations{Listen: "127.0.0.1:9999", PProf: true}) || c.Log != (config.Log{Level: slog.LevelDebug, Text: true}) || c.Audit != (config.Audit{Stdout: true}) {
		t.Errorf("operations, log or audit: %+v %+v %+v", c.Operations, c.Log, c.Audit)
	}
	if c.Salt.Reveal() != Salt || c.MasterKey.Current.Text() != strings.TrimRight(MasterKey, "=") {
		t.Error("the salt or the master key is not what is written")
	}
}

// Only a simulator on loopback may send browsers to loopback.
func TestLoopbackIsForSimulatorsOnLoopback(t *testing.T) {
	for url, want := range map[string]bool{
		"production": false, "sandbox": false, "https://cm.example/": false, "https://127.0.0.1:8081/": false, "http://127.0.0.1:8081/": true,
	} {
		if c := parse(t, Change(t, base, "url: production", "url: "+url)); c.Upstream.AllowLoopback != want {
			t.Errorf("%s: %t", url, c.Upstream.AllowLoopback)
		}
	}
}

func TestOperationsMayBeOff(t *testing.T) {
	if c := parse(t, base+"operations: {listen: off}\n"); c.Operations.Listen != "" {
		t.Errorf("it listens on %s", c.Operations.Listen)
	}
}

func TestWarnings(t *testing.T) {
	for _, row := range []difference{
		{"a proxy that is not named", "trusted_proxies: [10.0.0.0/8]\n", "trusted_proxies: []\n", "a.yaml:3: trusted_proxies: the issuer is https and this listener is not, " +
			"so a proxy stands between; without its address here everybody counts as one address for limits.per_address"},
		{
			"Redis in clear", "  addresses: [\"127.0.0.1:6379\"]\n", "  addresses: [\"redis:6379\"]\n  password: x\n",
			"a.yaml:4: redis.tls: Redis is on another machine and is spoken to in clear; records are sealed, the password is not",
		},
		{"half the protection", "  url: production\n", "  url: production\n  insecure_fixed_return_url: true\n", "a.yaml:14: itsme.insecure_fixed_return_url: " +
			"takes away one of the two halves that a login needs: whoever holds the cookie can finish the login without coming from itsme; use it only if CM accepts no other return URL"},
		{"an odd token", "  token: ${CM_TOKEN}\n", "  token: some-token\n", "a.yaml:14: itsme.token: is not a GUID, as CM's merchant tokens are; is it the right one?"},
		{"money for nothing", "clients:\n", "start: direct\nclients:\n", "a.yaml:15: start: lets everything that opens a link start a transaction, which CM may bill; it is for tests and closed networks"},
		{
			"profiles for all", "clients:\n", "operations: {listen: '0.0.0.0:9090', pprof: true}\nclients:\n",
			"a.yaml:15: operations.pprof: whoever reaches 0.0.0.0:9090 can read this process's memory by pprof; keep it on loopback",
		},
		{"nothing", "max_attempts", "max_attempts", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := parse(t, Change(t, base+"max_attempts: 3\n", row.find, row.put))
			var lines []string
			for _, p := range c.Warnings() {
				lines = append(lines, p.String())
			}
			if got := strings.Join(lines, "\n"); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// Both lists of signing keys are secrets.
func TestKeyFilesThatOthersCanRead(t *testing.T) {
	folder := t.TempDir()
	var warnings []string
	for _, name := range []string{"usual", "pss"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, name)
		PutKey(t, file, key)
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := "keys: {source: pem, files: [usual], ps256_files: [pss]}\n" + base
	c, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(text), Environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Warnings() {
		warnings = append(warnings, p.Text)
	}
	const want = `other users can read the file "usual" (mode 0644); chmod 600 it, other users can read the file "pss" (mode 0644); chmod 600 it`
	if got := strings.Join(warnings, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A file that holds secrets itself is its owner's business alone.
func TestAFileThatOthersCanRead(t *testing.T) {
	for _, row := range []struct {
		name string
		text string
		mode os.FileMode
		want int
	}{
		{"secrets for all", Change(t, base, "${CM_TOKEN}", CMToken), 0o644, 1},
		{"secrets for one", Change(t, base, "${CM_TOKEN}", CMToken), 0o600, 0},
		{"no secrets for all", base, 0o644, 0},
		{"an example for all", Example(t), 0o644, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config.yaml")
			PutFile(t, file, row.text, row.mode)
			c, err := config.Load(file, Environment)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings()) != row.want {
				t.Error(c.Warnings())
			}
		})
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), Environment); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}

func TestAConfigurationPrintsNoSecret(t *testing.T) {
	c := parse(t, Change(t, Change(t, base, "  mode: single\n", "  mode: single\n  password: hunter2-hunter2\n"), scopesLine, scopesLine+"    itsme_token: ${CM_TOKEN}\n")+
		"tracing: {endpoint: 'https://collector.example.be', headers: 'X-Key: hunter4-hunter4'}\n")
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{c, *c, &c, c.Redis, c.Tracing, c.Salt, c.MasterKey, c.Clients, c.Upstream, []any{c, *c}, struct{ C *config.Config }{c}} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	log := slog.New(slog.NewTextHandler(&printed, nil))
	log.Info("x", slog.Any("config", c), slog.Any("redis", c.Redis), slog.Any("salt", c.Salt), slog.Any("clients", c.Clients), slog.Any("key", c.MasterKey))
	encoded, _ := json.Marshal([]any{c.Salt, c.MasterKey})
	printed.Write(encoded)
	for _, secret := range []string{"hunter2-hunter2", "hunter4-hunter4", Salt, CMToken, MasterKey, strings.TrimRight(MasterKey, "="), ClientSecret} {
		for _, trace := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("%d", []byte(secret))} {
			if strings.Contains(printed.String(), trace) {
				t.Errorf("%q is in %s", secret, printed.String())
			}
		}
	}
}

func TestKeysFromFiles(t *testing.T) {
	folder := t.TempDir()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pss, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	PutKey(t, filepath.Join(folder, "rsa"), long)
	PutKey(t, filepath.Join(folder, "again"), long)
	PutKey(t, filepath.Join(folder, "ec"), curve)
	PutKey(t, filepath.Join(folder, "p384"), other)
	PutKey(t, filepath.Join(folder, "ed"), edwards)
	PutKey(t, filepath.Join(folder, "pss"), pss)
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, row := range []struct{ name, files, alg, want string }{
		{"one of each", "rsa, ec", "ES256", ""},
		{"RSA alone", "rsa", "RS256", ""},
		{"no RSA", "ec", "ES256", "1: keys.files: has no RSA key, and RS256 is what every client may expect; add one"},
		{"a client's is missing", "rsa", "ES256", `23: clients[0].signing_alg: is "ES256", and keys.files has no key for it; add one, or choose another algorithm`},
		{"the same twice", "rsa, again", "RS256", "1: keys.files: " + at("again") + ": the same key as in " + at("rsa") + "; name each key once"},
		{"another curve", "rsa, p384", "RS256", "1: keys.files[1]: an EC key on P-384, and only P-256 is supported; write a PEM file with one private key: RSA of at least 2048 bits, EC on P-256, or Ed25519"},
		{"all four", "rsa, ec, ed], ps256_files: [pss", "PS256", ""},
		{"Ed25519", "rsa, ed", "EdDSA", ""},
		{"a key for userinfo", "rsa, ed", "RS256\n    userinfo_signed_response_alg: EdDSA", ""},
		{
			"none for userinfo", "rsa, ed", "RS256\n    userinfo_signed_response_alg: ES256",
			`24: clients[0].userinfo_signed_response_alg: is "ES256", and keys.files has no key for it; add one, or choose another algorithm`,
		},
		{"RSA is not for PS256 unless said", "rsa", "PS256", `23: clients[0].signing_alg: is "PS256", and keys.ps256_files has no key for it; add one, or choose another algorithm`},
		{"nor for RS256 then", "ec], ps256_files: [pss", "PS256", "1: keys.files: has no RSA key, and RS256 is what every client may expect; add one"},
		{"one key for both", "rsa], ps256_files: [pss, again", "RS256", "1: keys.ps256_files: " + at("again") + ": the same key as in " + at("rsa") + "; a published key has one algorithm, so make another for PS256"},
		{"the same twice for PS256", "rsa], ps256_files: [pss, pss", "RS256", "1: keys.ps256_files: " + at("pss") + ": the same key as in " + at("pss") + "; name each key once"},
		{"both lists name one twice", "rsa, again], ps256_files: [pss, pss", "RS256", "1: keys.files: " + at("again") + ": the same key as in " + at("rsa") + "; name each key once\n" +
			"1: keys.ps256_files: " + at("pss") + ": the same key as in " + at("pss") + "; name each key once"},
		{"another kind for PS256", "rsa], ps256_files: [pss, ed", "RS256", "1: keys.ps256_files[1]: not an RSA key, and PS256 needs one; write a PEM file with one private key: RSA of at least 2048 bits"},
		{"none for PS256", "rsa], ps256_files: [", "RS256", "1: keys.ps256_files: is empty; list the PEM files, each with one private key"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := "keys: {source: pem, files: [" + row.files + "]}\n" + base + "    signing_alg: " + row.alg + "\n"
			_, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(text), Environment)
			got := strings.ReplaceAll(Problems(t, err), folder+"/a.yaml:", "")
			if got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}
