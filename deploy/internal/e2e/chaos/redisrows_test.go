//go:build products && chaos

package chaos_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/storage/storagetest"
)

// redisRows are what can happen to one Redis.
func redisRows() []row {
	return []row{
		{name: "nothing", setup: nothing, invisible: true},
		{name: "Redis is killed, and comes back with its AOF", setup: killed(usual, "everysec"), faithful: true},
		{name: "Redis is killed, and comes back with its AOF, appendfsync always", setup: killed(usual, "always"), brief: true},
		{name: "Redis is killed, and comes back empty", setup: redisForgets},
		{name: "Redis is paused", setup: redisPaused},
		{name: "Redis carries out, and its answers never come", setup: relayed(func(f *storagetest.Faults, on bool) { f.Silence(on) })},
		{name: "Redis carries out, and every third answer is cut off", setup: relayed(func(f *storagetest.Faults, on bool) {
			f.DropEvery(map[bool]int{true: 3}[on])
		})},
		{name: "Redis is slow, 300 ms each time", invisible: true, setup: relayed(func(f *storagetest.Faults, on bool) {
			f.Slow(map[bool]time.Duration{true: 300 * time.Millisecond}[on])
		})},
		{name: "Redis is full, with noeviction", setup: redisFull},
		{name: "Redis by TLS, with a password and the least rights: killed", setup: redisGuarded},
		{name: "Redis 6.0 is killed", setup: killed(oldest, "always"), brief: true},
		{name: "Valkey 9.1 is killed", setup: killed(valkey, "always"), brief: true},
	}
}

func nothing(t *testing.T) (*world, func()) {
	t.Helper()
	return start(t, 1, single(startRedis(t).address)), func() { rest(lasting(time.Second)) }
}

// killed kills the server of a binary that has an AOF. One that writes it every second may
// forget a second or two: it answers before it has written where the disk is slow.
func killed(binary func(*testing.T) string, fsync string) func(*testing.T) (*world, func()) {
	return func(t *testing.T) (*world, func()) {
		t.Helper()
		redis := startServer(t, binary(t), "--appendonly", "yes", "--appendfsync", fsync)
		w := start(t, 1, single(redis.address))
		return w, func() {
			seen := attest(t, redis.another())
			rest(1500 * time.Millisecond) // longer than it keeps anything from the disk
			killed := time.Now()
			redis.comesBack(t)
			w.forgot = seen.testify(t, killed)
		}
	}
}

// comesBack kills a server, and starts it anew.
func (s *server) comesBack(t *testing.T) {
	t.Helper()
	s.kill(t)
	rest(lasting(2 * time.Second))
	s.start(t)
}

func redisForgets(t *testing.T) (*world, func()) {
	t.Helper()
	redis := startRedis(t)
	return start(t, 1, single(redis.address)), func() { redis.comesBack(t) }
}

func redisPaused(t *testing.T) (*world, func()) {
	t.Helper()
	redis := startRedis(t)
	return start(t, 1, single(redis.address)), func() {
		redis.signal(t, syscall.SIGSTOP)
		rest(lasting(4 * time.Second)) // longer than a read may take
		redis.signal(t, syscall.SIGCONT)
	}
}

// relayed has the bridge meet a fault on its way to Redis.
func relayed(fault func(f *storagetest.Faults, on bool)) func(*testing.T) (*world, func()) {
	return func(t *testing.T) (*world, func()) {
		t.Helper()
		address, faults := storagetest.Relay(t, startRedis(t).address)
		return start(t, 1, single(address)), func() {
			fault(faults, true)
			rest(lasting(4 * time.Second))
			fault(faults, false)
		}
	}
}

func redisFull(t *testing.T) (*world, func()) {
	t.Helper()
	redis := startRedis(t, "--maxmemory-policy", "noeviction")
	return start(t, 1, single(redis.address)), func() {
		redis.limit(t, "1")
		rest(lasting(4 * time.Second))
		redis.limit(t, "0")
	}
}

func usual(*testing.T) string { return "redis-server" }

func valkey(t *testing.T) string { t.Helper(); return e2e.Tool(t, "valkey") + "/valkey-server" }

// oldest is the binary of the oldest Redis that the bridge works with.
func oldest(t *testing.T) string {
	t.Helper()
	const name = "/usr/local/bin/redis-server-6.0"
	if _, err := os.Stat(name); err != nil {
		t.Skip("NOT TESTED WITH REDIS 6.0: deploy/tools/setup has not brought it")
	}
	return name
}

// redisGuarded is what the reference of the configuration asks for: the rights of its ACL
// user, and TLS.
func redisGuarded(t *testing.T) (*world, func()) {
	t.Helper()
	authority, folder, port := storagetest.NewAuthority(t), t.TempDir(), freePort(t)
	certificate := authority.Issue(t, "127.0.0.1")
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"ca.pem":  authority.PEM(),
		"crt.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	redis := startRedis(t, "--appendonly", "yes", "--tls-port", port, "--tls-auth-clients", "no", "--tls-ca-cert-file", folder+"/ca.pem",
		"--tls-cert-file", folder+"/crt.pem", "--tls-key-file", folder+"/key.pem",
		"--user", "itsme-bridge", "on", ">"+secret, "~itsme-bridge:*", "+@read", "+@write", "+@scripting", "+@connection", "-@dangerous", "+select")
	settings := fmt.Sprintf("{mode: single, addresses: [%q], username: itsme-bridge, password: %s, tls: {ca_file: %q}}",
		net.JoinHostPort("127.0.0.1", port), secret, folder+"/ca.pem")
	return start(t, 1, func(int) string { return settings }), func() { redis.comesBack(t) }
}
