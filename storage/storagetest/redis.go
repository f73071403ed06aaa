package storagetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// startRedis runs a redis-server on a socket of its own, and gives its path.
func startRedis(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "redis") //nolint:usetesting // the path of a socket has to be short
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket := filepath.Join(folder, "s")
	run(t, folder, "--port", "0", "--unixsocket", socket)
	return socket
}

// startCluster runs a Cluster of one node, and gives its host:port.
func startCluster(t testing.TB) string {
	t.Helper()
	port, bus := freePort(t), freePort(t)
	run(t, t.TempDir(), "--bind", "127.0.0.1", "--port", port, "--cluster-enabled", "yes", "--cluster-port", bus)
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

// run starts a redis-server, waits for it to say that it is ready, and ends it with
// the test.
func run(t testing.TB, folder string, args ...string) {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		const missing = "redis-server is not installed: this test DID NOT RUN against a real Redis"
		if os.Getenv("CI") == "true" {
			t.Fatal("storagetest: " + missing)
		}
		t.Skip("storagetest: " + missing)
	}
	args = append([]string{"--save", "", "--appendonly", "no", "--dir", folder, "--daemonize", "no"}, args...)
	server := exec.CommandContext(context.Background(), binary, args...)
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	if err := awaitReady(output); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
}

// awaitReady reads what the server says until it accepts connections. The rest is
// read too, so that the server never has to wait for us.
func awaitReady(output io.Reader) error {
	var said strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "eady to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return nil
		}
	}
	return fmt.Errorf("redis-server does not start:\n%s", said.String())
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
