package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// toTheWorld is a configuration for the world, but for its Redis.
const toTheWorld = `issuer: https://login.example.be
listen: 0.0.0.0:8443
trusted_proxies: [10.0.0.0/8]
%smaster_key: {current: "${MASTER_KEY}"}
subjects: {salt: "${SALT}", fingerprint: 76b2c85d07ca9801}
itsme: {url: production, token: "${CM_TOKEN}"}
clients:
  - id: app
    name: The app
    home: https://www.example.be/
    secret: ${CLIENT_SECRET}
    redirect_uris: ["https://sso.example.be/callback"]
    scopes: [profile]
`

// reaches reports whether a configuration with this Redis gets an answer there.
func reaches(t *testing.T, mode string, r storagetest.Guarded, more string) bool {
	t.Helper()
	redis := fmt.Sprintf("redis:\n  mode: %s\n  addresses: [%q]\n", mode, r.Address)
	if mode == "sentinel" {
		redis += "  master_name: main\n"
	}
	settings, err := config.Parse("a.yaml", []byte(fmt.Sprintf(toTheWorld, redis+more)), configtest.Environment)
	if err != nil {
		t.Fatal(err)
	}
	seen := app.Inspect(t.Context(), settings, time.Now)
	refusal, refused := errors.AsType[*app.RefusedError](seen.Refused)
	if refused && !strings.HasPrefix(refusal.Path, "redis.") || seen.Unknown != nil && !errors.Is(seen.Unknown, storage.ErrUnavailable) {
		t.Errorf("%+v", seen)
	}
	return seen == app.Inspection{}
}

// putIssued writes a certificate and its key, and gives what names them in a configuration.
func putIssued(t *testing.T, c tls.Certificate) string {
	t.Helper()
	certificate, key := filepath.Join(t.TempDir(), "crt"), filepath.Join(t.TempDir(), "key")
	configtest.PutFile(t, certificate, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})), 0o600)
	configtest.PutKey(t, key, c.PrivateKey)
	return fmt.Sprintf(", cert_file: %s, key_file: %s", certificate, key)
}

// serving is how a Redis serves with a certificate that an authority has issued for a host.
func serving(t *testing.T, a *storagetest.Authority, host string, change func(*tls.Config)) *tls.Config {
	t.Helper()
	c := &tls.Config{Certificates: []tls.Certificate{a.Issue(t, host)}}
	if change != nil {
		change(c)
	}
	return c
}

// The passwords and all records are told to nobody but Redis, over TLS 1.2 at least.
func TestRedisOverTLS(t *testing.T) {
	ours, other := storagetest.NewAuthority(t), storagetest.NewAuthority(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	configtest.PutFile(t, file, string(ours.PEM()), 0o644)
	versions := func(least, most uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion = least, most }
	}
	demanding := func(pool *x509.CertPool) func(*tls.Config) {
		return func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool }
	}
	const here = "127.0.0.1"
	right, trusting := serving(t, ours, here, nil), "ca_file: "+file
	for _, row := range []struct {
		name   string
		server *tls.Config
		tls    string // of the configuration, without braces; "-": none
		want   bool
	}{
		{"right", right, trusting, true},
		{"an unknown authority", serving(t, other, here, nil), trusting, false},
		{"the system's authorities alone", right, "", false},
		{"another host's certificate", serving(t, ours, "redis.example", nil), trusting, false},
		{"the name that is configured", serving(t, ours, "redis.example", nil), trusting + ", server_name: redis.example", true},
		{"another name than is configured", right, trusting + ", server_name: redis.example", false},
		{"TLS 1.3", serving(t, ours, here, versions(tls.VersionTLS13, tls.VersionTLS13)), trusting, true},
		{"TLS 1.2", serving(t, ours, here, versions(tls.VersionTLS12, tls.VersionTLS12)), trusting, true},
		{"TLS 1.1", serving(t, ours, here, versions(tls.VersionTLS10, tls.VersionTLS11)), trusting, false},
		{"TLS 1.0", serving(t, ours, here, versions(tls.VersionTLS10, tls.VersionTLS10)), trusting, false},
		{"a certificate of our own", serving(t, ours, here, demanding(other.Pool())), trusting + putIssued(t, other.Issue(t, "bridge")), true},
		{"no certificate of our own", serving(t, ours, here, demanding(other.Pool())), trusting, false},
		{"we in clear", right, "-", false},
		{"Redis in clear", nil, trusting, false},
	} {
		for _, mode := range []string{"single", "sentinel", "cluster"} {
			t.Run(row.name+"/"+mode, func(t *testing.T) {
				text := "  tls: {" + row.tls + "}\n"
				if row.tls == "-" {
					text = ""
				}
				guard := storagetest.Guard{TLS: row.server}
				redis := storagetest.StartGuarded(t, mode, guard, guard)
				if got := reaches(t, mode, redis, text); got != row.want {
					t.Errorf("Redis answers: %t", got)
				}
				if n := redis.Redis.CommandCount(); n > 0 != row.want {
					t.Errorf("Redis has got %d commands", n)
				}
			})
		}
	}
}

// Each password goes to the one that it is for.
func TestPasswordsOfRedis(t *testing.T) {
	redis, sentinel := storagetest.Guard{Username: "bridge", Password: "opensesame-1"}, storagetest.Guard{Username: "watcher", Password: "opensesame-2"}
	const both = "  username: bridge\n  password: opensesame-1\n"
	for _, row := range []struct {
		name, text, sentinel string
		want                 bool
	}{
		{"right", both, "  sentinel_username: watcher\n  sentinel_password: opensesame-2\n", true},
		{"another password", "  username: bridge\n  password: opensesame-2\n", "  sentinel_username: watcher\n  sentinel_password: opensesame-2\n", false},
		{"another user", "  username: watcher\n  password: opensesame-1\n", "  sentinel_username: watcher\n  sentinel_password: opensesame-2\n", false},
		{"none", "", "  sentinel_username: watcher\n  sentinel_password: opensesame-2\n", false},
	} {
		for _, mode := range []string{"single", "sentinel", "cluster"} {
			t.Run(row.name+"/"+mode, func(t *testing.T) {
				text := row.text
				if mode == "sentinel" {
					text += row.sentinel
				}
				if got := reaches(t, mode, storagetest.StartGuarded(t, mode, redis, sentinel), text); got != row.want {
					t.Errorf("Redis answers: %t", got)
				}
			})
		}
	}
	for name, text := range map[string]string{
		"Redis's for the sentinel": "  sentinel_username: bridge\n  sentinel_password: opensesame-1\n",
		"another for the sentinel": "  sentinel_username: watcher\n  sentinel_password: opensesame-3\n",
		"another user for it":      "  sentinel_username: bridge\n  sentinel_password: opensesame-2\n",
		"nothing for the sentinel": "",
		"no user for the sentinel": "  sentinel_password: opensesame-2\n",
	} {
		t.Run(name, func(t *testing.T) {
			if reaches(t, "sentinel", storagetest.StartGuarded(t, "sentinel", redis, sentinel), both+text) {
				t.Error("Redis answers")
			}
		})
	}
}
