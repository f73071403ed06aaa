//go:build products

package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/itsme/sandbox"
)

// binary builds itsme-bridge, once for all tests of a package. Go leaves a binary
// alone that is what it would build.
var binary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(Root(), "bin/e2e/itsme-bridge")
	build := exec.Command("go", "build", "-o", file, "./cmd/itsme-bridge")
	build.Dir = Root()
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("e2e: go build: %w\n%s", err, out)
	}
	return file, nil
})

// Binary is the file of itsme-bridge, built once.
func Binary(t testing.TB) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// settings is a piece of YAML.
type settings map[string]any

func parse(t testing.TB, text string) settings {
	t.Helper()
	var s settings
	if err := yaml.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("e2e: %v:\n%s", err, text)
	}
	return s
}

// first is the configuration of every world, as in production but for what money and strangers need.
func first(redis, cm, address string) string {
	return fmt.Sprintf(`
issuer: http://%[1]s
listen: %[1]s
operations: {listen: off}
log: {level: info, format: text}
redis: {mode: single, addresses: [%[2]q]}
master_key: {current: PmQYs+pcKeRE/iuhBVblqE3/2EqXuxs17uj/SYyDNxs=}
subjects: {salt: HAitstpZs4UJrzEAy48s07IzrY3pgBZP0PF5MoI/jTQ=, fingerprint: "8922eda4cf70c65b"}
itsme: {url: %[3]q, token: %[4]s}
limits: {per_address: 6000, per_client: 6000, total: 6000} # all are one address here, and nobody pays
timeouts: {drain_delay: 0s}
`, address, redis, cm+"/itsme/v1/", sandbox.MerchantToken)
}

// bridge is the process and its configuration.
type bridge struct {
	process  *Process
	file     string
	settings settings
	clients  []*Client
	reloads  int
}

// write writes the configuration as it stands now.
func (b *bridge) write(t testing.TB) {
	t.Helper()
	entries := []settings{}
	for _, c := range b.clients {
		entries = append(entries, c.entry)
	}
	all := maps.Clone(b.settings)
	all["clients"] = entries
	text, err := yaml.Marshal(all)
	if err == nil {
		err = os.WriteFile(b.file, text, 0o600)
	}
	if err != nil {
		t.Fatalf("e2e: %v", err)
	}
}

// reload makes the running bridge take the clients as they stand now.
func (b *bridge) reload(t testing.TB) {
	t.Helper()
	b.write(t)
	if out, err := b.command(t, "check", "--config", b.file).CombinedOutput(); err != nil {
		t.Fatalf("e2e: itsme-bridge check: %v\n%s", err, out)
	}
	b.reloads++
	_ = b.process.command.Process.Signal(syscall.SIGHUP)
	b.process.Await(`msg="configuration reloaded"`, b.reloads)
}

// command is a call of the binary.
func (b *bridge) command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	return exec.Command(Binary(t), args...)
}
