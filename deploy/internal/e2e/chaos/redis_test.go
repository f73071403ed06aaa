//go:build products && chaos

package chaos_test

import (
	"context"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"itsme-bridge/deploy/internal/e2e"
)

// server is a redis-server that can be killed and begun again with what it had on disk.
type server struct {
	address string
	binary  string
	folder  string
	args    []string
	process *e2e.Process
	client  *redis.Client // for a look at it
}

// startRedis starts one on a port of its own.
func startRedis(t testing.TB, args ...string) *server {
	t.Helper()
	return startServer(t, "redis-server", args...)
}

// startServer starts another binary that is a Redis.
func startServer(t testing.TB, binary string, args ...string) *server {
	t.Helper()
	port := freePort(t)
	return runServer(t, binary, port, append([]string{"--bind", "127.0.0.1", "--port", port, "--save", ""}, args...)...)
}

// runServer runs a server that listens on a port if it has these arguments.
func runServer(t testing.TB, binary, port string, args ...string) *server {
	t.Helper()
	s := &server{address: net.JoinHostPort("127.0.0.1", port), binary: binary, folder: t.TempDir(), args: args}
	s.client = s.another()
	t.Cleanup(func() { _ = s.client.Close() })
	s.start(t)
	t.Cleanup(func() { s.process.End() })
	return s
}

// start starts it, and waits until it has loaded what it had.
func (s *server) start(t testing.TB) {
	t.Helper()
	command := exec.Command(s.binary, s.args...)
	command.Dir = s.folder
	var err error
	if s.process, err = e2e.Launch("redis-server", command); err != nil {
		t.Fatal(err)
	}
	within(t, "redis-server answers", func() bool { return s.client.Ping(context.Background()).Err() == nil })
}

// another is another client of it.
func (s *server) another() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.address, Protocol: 2, DisableIdentity: true, MaxRetries: -1})
}

// kill ends it as a power cut does.
func (s *server) kill(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGKILL)
	s.process.End()
}

// limit says how many bytes it may hold; 0: as many as there are.
func (s *server) limit(t testing.TB, bytes string) {
	t.Helper()
	if err := s.client.ConfigSet(context.Background(), "maxmemory", bytes).Err(); err != nil {
		t.Fatal(err)
	}
}

// signal sends it a signal.
func (s *server) signal(t testing.TB, what syscall.Signal) {
	t.Helper()
	if err := s.process.Signal(what); err != nil {
		t.Fatal(err)
	}
}

// freePort is a port that nobody has, and that the system gives to nobody who does not ask for
// it: so it is free again when who had it is killed. A node of a Cluster also needs the one
// 10,000 above it.
func freePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		n := 10_000 + rand.IntN(12_000)
		if vacant(n) && vacant(n+10_000) {
			return strconv.Itoa(n)
		}
	}
	t.Fatal("no free port")
	return ""
}

func vacant(port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// within waits for something to be so.
func within(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}
