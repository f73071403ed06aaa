package storage_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// hears fails if Redis has got a command that it was not to get.
func hears(t *testing.T, g storagetest.Guarded, want bool) {
	t.Helper()
	if n := g.Redis.CommandCount(); n > 0 != want {
		t.Errorf("Redis has got %d commands", n)
	}
}

// Who asks for TLS gets it in every mode, from nobody but those who can prove to be Redis.
func TestTLSInEveryMode(t *testing.T) {
	ours, other := storagetest.NewAuthority(t), storagetest.NewAuthority(t)
	serves := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	right, unknown := serves(ours.Issue(t, "127.0.0.1")), serves(other.Issue(t, "127.0.0.1"))
	named, expired := serves(ours.Issue(t, "redis.example")), serves(ours.IssueExpired(t, "127.0.0.1"))
	mutual := right.Clone()
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, ours.Pool()
	trusting := func(pool *x509.CertPool) *tls.Config { return &tls.Config{RootCAs: pool} }
	by := func(c tls.Certificate) *tls.Config {
		return &tls.Config{RootCAs: ours.Pool(), Certificates: []tls.Certificate{c}}
	}
	for _, row := range []struct {
		name   string
		server *tls.Config // of Redis and of the sentinel
		client *tls.Config
		ok     bool
	}{
		{"right", right, trusting(ours.Pool()), true},
		{"an unknown authority", unknown, trusting(ours.Pool()), false},
		{"the system's authorities", right, new(tls.Config), false},
		{"an expired certificate", expired, trusting(ours.Pool()), false},
		{"another host's certificate", named, trusting(ours.Pool()), false},
		{"the name that was configured", named, &tls.Config{RootCAs: ours.Pool(), ServerName: "redis.example"}, true},
		{"another name than was configured", right, &tls.Config{RootCAs: ours.Pool(), ServerName: "redis.example"}, false},
		{"a certificate of our own", mutual, by(ours.Issue(t, "bridge")), true},
		{"a certificate of our own that nobody knows", mutual, by(other.Issue(t, "bridge")), false},
		{"no certificate of our own", mutual, trusting(ours.Pool()), false},
		{"Redis in clear", nil, trusting(ours.Pool()), false},
		{"we in clear", right, nil, false},
	} {
		for _, mode := range modes() {
			t.Run(row.name+"/"+mode, func(t *testing.T) {
				g := storagetest.StartGuarded(t, mode, storagetest.Guard{TLS: row.server}, storagetest.Guard{TLS: row.server})
				works(t, open(t, g, mode, storage.Options{TLS: row.client}), row.ok)
				hears(t, g, row.ok)
			})
		}
	}
}

// A sentinel is no Redis, and neither vouches for the other.
func TestTLSToASentinelAndBehindIt(t *testing.T) {
	ours, other := storagetest.NewAuthority(t), storagetest.NewAuthority(t)
	serves := func(a *storagetest.Authority, host string) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{a.Issue(t, host)}}
	}
	right, unknown, elsewhere := serves(ours, "127.0.0.1"), serves(other, "127.0.0.1"), serves(ours, "redis.example")
	for _, row := range []struct {
		name            string
		sentinel, redis *tls.Config
		ok              bool
	}{
		{"both right", right, right, true},
		{"the sentinel unknown", unknown, right, false},
		{"the sentinel another host", elsewhere, right, false},
		{"the sentinel in clear", nil, right, false},
		{"Redis unknown", right, unknown, false},
		{"Redis another host", right, elsewhere, false},
		{"Redis in clear", right, nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := storagetest.StartGuarded(t, "sentinel", storagetest.Guard{TLS: row.redis}, storagetest.Guard{TLS: row.sentinel})
			works(t, open(t, g, "sentinel", storage.Options{TLS: &tls.Config{RootCAs: ours.Pool()}}), row.ok)
			hears(t, g, row.ok)
		})
	}
}
