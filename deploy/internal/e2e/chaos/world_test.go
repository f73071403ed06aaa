//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"itsme-bridge/deploy/internal/e2e"
	"itsme-bridge/itsme/sandbox"
)

// world is some replicas of the bridge with what they stand on.
type world struct {
	issuer    string
	salt      string // of the names of people here
	cm        *cm
	balancer  *balancer
	replicas  []*replica
	clients   map[string]*relying
	transport *http.Transport   // of browsers and of the client's server
	forgot    int               // of what Redis had answered for is gone, as far as somebody looked
	faulty    atomic.Bool       // something is broken now
	instead   *strings.Replacer // in the configuration
}

// replica is one process of the bridge.
type replica struct {
	address, operations string
	file                string
	binary              string
	process             *e2e.Process
	backend             *backend
}

// configuration is as in production, but for what nobody could wait for here.
const configuration = `
issuer: %[1]q
listen: %[2]s
operations: {listen: %[3]q, pprof: true}
log: {level: info, format: text}
redis: %[4]s
master_key: {current: PmQYs+pcKeRE/iuhBVblqE3/2EqXuxs17uj/SYyDNxs=}
subjects: {salt: HAitstpZs4UJrzEAy48s07IzrY3pgBZP0PF5MoI/jTQ=, fingerprint: "8922eda4cf70c65b"}
itsme: {url: %[5]q, token: %[6]s, timeout: 4s, status_timeout: 30s}
lifetimes: {lease: 10s}
limits: {per_address: 0, per_client: 0, total: 0}
timeouts: {drain_delay: 2s}
clients:
  - id: app
    name: The application
    home: %[7]s
    secret: %[8]s
    redirect_uris: [%[9]q]
    scopes: [profile]
    subject: public
    id_token_claims: true
  - id: other
    name: Another application
    home: %[7]s
    secret: %[8]s
    redirect_uris: [%[9]q]
    scopes: [profile]
    subject: public
    id_token_claims: true
    itsme_token: %[10]s
`

// start starts so many replicas. The settings of Redis are YAML, for each replica. Of the
// configuration some words may be others: the old one, the new one, and so on.
func start(t testing.TB, replicas int, redis func(int) string, instead ...string) *world {
	t.Helper()
	w := &world{salt: freePort(t), cm: startCM(t), balancer: startBalancer(t), clients: map[string]*relying{}, instead: strings.NewReplacer(instead...)}
	w.transport = &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(w.transport.CloseIdleConnections)
	w.issuer = "http://" + w.balancer.address
	for i := range replicas {
		r := w.listens(t, redis(i))
		t.Cleanup(func() { r.process.End() })
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("what the replica said:\n%s", tail(r.process.Said(), 30))
			}
		})
		r.backend = w.balancer.watch(t, r.address, r.operations)
		w.replicas = append(w.replicas, r)
		within(t, "the replica is ready", r.backend.ready.Load)
	}
	provider, err := oidc.NewProvider(context.Background(), w.issuer)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{appID, otherID} {
		w.clients[id] = newRelying(id, provider)
	}
	return w
}

// listens starts a replica on ports that nobody has taken meanwhile.
func (w *world) listens(t testing.TB, redis string) *replica {
	t.Helper()
	for attempt := 1; ; attempt++ {
		r := &replica{binary: e2e.Binary(t), file: filepath.Join(t.TempDir(), "config.yaml")}
		r.address, r.operations = net.JoinHostPort("127.0.0.1", freePort(t)), net.JoinHostPort("127.0.0.1", freePort(t))
		text := fmt.Sprintf(configuration, w.issuer, r.address, r.operations, redis, w.cm.url()+"/itsme/v1/",
			sandbox.MerchantToken, app, secret, callback, otherToken)
		if err := os.WriteFile(r.file, []byte(w.instead.Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		r.start(t)
		err := r.process.Answers("http://" + r.operations + "/livez")
		if err == nil {
			return r
		}
		if r.process.End(); attempt == 3 {
			t.Fatal(err)
		}
	}
}

// start starts the process. It need not be ready yet.
func (r *replica) start(t testing.TB) {
	t.Helper()
	process, err := e2e.Launch("itsme-bridge", exec.Command(r.binary, "serve", "--config", r.file))
	if err != nil {
		t.Fatal(err)
	}
	r.process = process
}

// kill ends it as a lost machine does.
func (r *replica) kill(t testing.TB) {
	t.Helper()
	if err := r.process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.process.End()
}

// restart starts it anew, and waits until the balancer knows.
func (r *replica) restart(t testing.TB) {
	t.Helper()
	r.backend.ready.Store(false)
	r.start(t)
	within(t, "the replica is ready again", r.backend.ready.Load)
}

// stop asks it to end, which it does when nobody needs it any more.
func (r *replica) stop(t testing.TB) {
	t.Helper()
	if err := r.process.Stop(time.Minute); err != nil {
		t.Error(err)
	}
	r.process.End()
}

// impatient is a configuration in which a CM that hangs is soon given up.
func impatient() []string { return []string{"status_timeout: 30s", "status_timeout: 4s"} }

// single is the setting of one Redis at an address, for all replicas.
func single(address string) func(int) string {
	return func(int) string { return fmt.Sprintf("{mode: single, addresses: [%q]}", address) }
}

// during breaks something for as long as do takes.
func (w *world) during(do func()) {
	w.faulty.Store(true)
	defer w.faulty.Store(false)
	do()
}

// rest lets a fault last.
func rest(d time.Duration) { time.Sleep(d) }
