package storagetest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Least makes a world with the oldest Redis that the bridge works with: a
// redis-server-6.0, where that is in PATH, or else the usual server, without any
// command that Redis has learnt after 6.0.0, in scripts either.
func Least(t testing.TB) *World {
	t.Helper()
	if old, err := exec.LookPath("redis-server-6.0"); err == nil {
		folder, socket := socketFolder(t)
		runBinary(t, old, folder, accepts, plain("--port", "0", "--unixsocket", socket)...)
		return newWorld(t, "single", socket, socket, nil)
	}
	server := startRedis(t, forgetting(t, newerThan60(t))...)
	return newWorld(t, "single", server, server, nil)
}

// forgetting are the arguments of a server that does not know some commands.
func forgetting(t testing.TB, commands []string) []string {
	t.Helper()
	var lines strings.Builder
	for _, name := range commands {
		fmt.Fprintf(&lines, "rename-command %s \"\"\n", name)
	}
	file := filepath.Join(t.TempDir(), "redis.conf")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return []string{file}
}

// newerThan60 are the commands of the usual server that came after 6.0.0, as it says
// itself. One that cannot say is too old to have any that matter here.
func newerThan60(t testing.TB) []string {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: startRedis(t), Protocol: 2, DisableIdentity: true})
	defer func() { _ = client.Close() }()
	answer, err := client.Do(context.Background(), "command", "docs").Slice()
	if err != nil {
		return nil
	}
	newer := map[string]bool{}
	for i := 0; i+1 < len(answer); i += 2 {
		name, _ := answer[i].(string)
		facts, _ := answer[i+1].([]any)
		for k := 0; k+1 < len(facts); k += 2 {
			if since, _ := facts[k+1].(string); facts[k] == "since" && isAfter60(since) {
				newer[name] = true
			}
		}
	}
	if !newer["getex"] {
		t.Fatalf("storagetest: the server does not say which commands are new: %d facts", len(answer))
	}
	return slices.Sorted(maps.Keys(newer))
}

// isAfter60 compares a version with 6.0.0.
func isAfter60(version string) bool {
	var major, minor, patch int
	_, _ = fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch)
	return slices.Compare([]int{major, minor, patch}, []int{6, 0, 0}) > 0
}
