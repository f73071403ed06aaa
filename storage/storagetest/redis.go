package storagetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startRedis runs a redis-server on a socket of its own, and gives its path. A
// configuration file may come first.
func startRedis(t testing.TB, file ...string) string {
	t.Helper()
	folder, socket := socketFolder(t)
	run(t, folder, accepts, append(file, plain("--port", "0", "--unixsocket", socket)...)...)
	return socket
}

// socketFolder is a folder that goes with the test, and the path of a socket in it.
func socketFolder(t testing.TB) (folder, socket string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "redis") //nolint:usetesting // the path of a socket has to be short
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder, filepath.Join(folder, "s")
}

// startCluster runs a Cluster of one node, and gives its host:port.
func startCluster(t testing.TB) string {
	t.Helper()
	port := freeNodePort(t)
	run(t, t.TempDir(), accepts, plain("--bind", "127.0.0.1", "--port", port, "--cluster-enabled", "yes")...)
	address := net.JoinHostPort("127.0.0.1", port)
	node := redis.NewClient(&redis.Options{Addr: address, Protocol: 2, DisableIdentity: true})
	defer func() { _ = node.Close() }()
	if err := node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	// A Cluster tells nobody that it is ready: it has to be asked.
	for range 200 {
		if info, err := node.ClusterInfo(t.Context()).Result(); err == nil && strings.Contains(info, "cluster_state:ok") {
			return address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("storagetest: the Cluster does not become ready")
	return ""
}

// startSentinel runs a Redis and a sentinel that knows it as "main", and gives the
// sentinel's and the Redis's host:port.
func startSentinel(t testing.TB) (sentinel, server string) {
	t.Helper()
	folder, port, watch := t.TempDir(), freePort(t), freePort(t)
	run(t, folder, accepts, plain("--bind", "127.0.0.1", "--port", port)...)
	file := filepath.Join(folder, "sentinel.conf")
	text := "bind 127.0.0.1\nport " + watch + "\nsentinel monitor main 127.0.0.1 " + port + " 1\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	run(t, folder, "+monitor master main", file, "--sentinel")
	return net.JoinHostPort("127.0.0.1", watch), net.JoinHostPort("127.0.0.1", port)
}

// accepts is what a redis-server says when it is ready, on a port or a socket.
const accepts = "eady to accept connections"

// plain is a server that keeps nothing on disk.
func plain(args ...string) []string {
	return append([]string{"--save", "", "--appendonly", "no"}, args...)
}

// run starts the usual redis-server: see runBinary.
func run(t testing.TB, folder, ready string, args ...string) (kill func()) {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		const missing = "redis-server is not installed: this test DID NOT RUN against a real Redis"
		if os.Getenv("CI") == "true" {
			t.Fatal("storagetest: " + missing)
		}
		t.Skip("storagetest: " + missing)
	}
	return runBinary(t, binary, folder, ready, args...)
}

// runBinary starts a redis-server, waits for it to say that it is ready, and ends it
// with the test, or before.
func runBinary(t testing.TB, binary, folder, ready string, args ...string) (kill func()) {
	t.Helper()
	// The shell ends the server when its own input ends, which it does even if this
	// process is killed.
	const keeper = `"$@" & exec >&-; read -r _; kill -9 $!; wait`
	server := exec.CommandContext(context.Background(), "sh", append([]string{"-c", keeper, "sh", binary}, args...)...)
	server.Dir = folder
	input, problem1 := server.StdinPipe()
	output, problem2 := server.StdoutPipe()
	if err := errors.Join(problem1, problem2, server.Start()); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	kill = sync.OnceFunc(func() {
		_ = input.Close()
		_ = server.Wait()
	})
	t.Cleanup(kill)
	if err := await(output, ready); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return kill
}

// await reads what the server says until it is ready. The rest is read too, so that
// the server never has to wait for us.
func await(output io.Reader, ready string) error {
	var said strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ready) {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return nil
		}
	}
	return fmt.Errorf("redis-server does not start:\n%s", said.String())
}

// freeNodePort is a port for a node of a Cluster, which also needs the one 10,000
// above it (cluster-port, to change that, is of Redis 7).
func freeNodePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := freePort(t)
		n, _ := strconv.Atoi(port)
		if n > 65535-10000 {
			continue
		}
		bus, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(n+10000)))
		if err == nil {
			_ = bus.Close()
			return port
		}
	}
	t.Fatal("storagetest: no free pair of ports")
	return ""
}

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// Serve runs a redis-server of its own with more arguments than usual, and gives the
// path of its socket. What is done with it is not counted.
func Serve(t testing.TB, args ...string) string {
	t.Helper()
	folder, socket := socketFolder(t)
	run(t, folder, accepts, append(plain("--port", "0", "--unixsocket", socket), args...)...)
	return socket
}

// Fill has the Redis at a socket hold a value of so many bytes.
func Fill(t testing.TB, socket string, bytes int64) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, Protocol: 2, DisableIdentity: true})
	defer func() { _ = c.Close() }()
	must(t, c.SetRange(t.Context(), "filling", bytes-1, "x").Err())
}

// ServeOnPort runs a plain redis-server of its own, and gives its host:port.
func ServeOnPort(t testing.TB) string {
	t.Helper()
	port := freePort(t)
	run(t, t.TempDir(), accepts, plain("--bind", "127.0.0.1", "--port", port)...)
	return net.JoinHostPort("127.0.0.1", port)
}

// SentinelAddress runs a Redis and a sentinel that knows it as "main", and gives the
// sentinel's host:port.
func SentinelAddress(t testing.TB) string {
	t.Helper()
	sentinel, _ := startSentinel(t)
	return sentinel
}
