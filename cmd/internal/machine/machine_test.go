package machine_test

import (
	"os"
	"path/filepath"
	"testing"

	"itsme-bridge/cmd/internal/machine"
)

// The least of a group and of those above it counts; "max" is no limit.
func TestGroup(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := func(name string, memory int64, cpus float64) {
		t.Helper()
		if m, c := machine.Group(root); m != memory || c != cpus {
			t.Errorf("%s: %d bytes, %g processors", name, m, c)
		}
	}
	want("no groups", 0, 0)
	put("proc/self/cgroup", "0::/pod/bridge\n")
	put("sys/fs/cgroup/pod/bridge/memory.max", "max\n")
	put("sys/fs/cgroup/pod/bridge/cpu.max", "max 100000\n")
	want("no limits", 0, 0)
	put("sys/fs/cgroup/pod/memory.max", "268435456\n")
	put("sys/fs/cgroup/pod/cpu.max", "150000 100000\n")
	want("of the group above", 256<<20, 1.5)
	put("sys/fs/cgroup/pod/bridge/memory.max", "134217728\n")
	put("sys/fs/cgroup/pod/bridge/cpu.max", "50000 100000\n")
	want("the least", 128<<20, 0.5)
	put("sys/fs/cgroup/memory.max", "1048576\n")
	put("proc/self/cgroup", "0::/\n")
	want("of a container's own root", 1<<20, 0)
}

func TestLook(t *testing.T) {
	if f := machine.Look(); f.GoMaxProcs < 1 || f.Files < 1 {
		t.Errorf("%+v", f)
	}
}
