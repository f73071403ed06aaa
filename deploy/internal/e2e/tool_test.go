//go:build products

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

const installer = `#!/bin/sh
set -eu
cd "$(dirname "$0")/../.."
. deploy/tools/functions.sh
pinned thing lock
echo once more >>runs
cp lock "$fresh/content"
grep -q good lock
installed
`

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestADownloadIsMadeOnceForWhatIsPinned(t *testing.T) {
	root, cache := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "deploy/tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	functions, err := os.ReadFile(filepath.Join(e2e.Root(), "deploy/tools/functions.sh"))
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(root, "deploy/tools/e2e-thing")
	write(t, filepath.Join(root, "deploy/tools/functions.sh"), string(functions))
	write(t, script, installer)
	for _, row := range []struct {
		lock string
		ok   bool
		runs int
		want string // what is there afterwards
	}{
		{"good", true, 1, "good"},
		{"good", true, 1, "good"},
		{"bad", false, 2, "good"},
		{"bad", false, 3, "good"},
		{"a good one that is newer", true, 4, "a good one that is newer"},
	} {
		write(t, filepath.Join(root, "lock"), row.lock)
		command := exec.Command(script)
		command.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
		out, err := command.Output()
		folder := filepath.Join(cache, "itsme-bridge/e2e/thing")
		if (err == nil) != row.ok || row.ok && string(out) != folder+"\n" {
			t.Errorf("%s: %v, %q", row.lock, err, out)
		}
		runs, _ := os.ReadFile(filepath.Join(root, "runs"))
		if got := strings.Count(string(runs), "\n"); got != row.runs {
			t.Errorf("%s: installed %d times, want %d", row.lock, got, row.runs)
		}
		if content, _ := os.ReadFile(filepath.Join(folder, "content")); string(content) != row.want {
			t.Errorf("%s: %q is there, want %q", row.lock, content, row.want)
		}
		if left, _ := filepath.Glob(folder + ".*"); len(left) > 0 {
			t.Errorf("%s: leaves %q", row.lock, left)
		}
	}
}
