// Package machine is what the system lets this process have: files, memory, processors.
//
//	machine.go       Facts, and cgroups (v2)
//	files_unix.go    how many files may be open; files_other.go where nobody can say
package machine

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Facts are the limits of a process. 0: there is none, or it cannot be told.
type Facts struct {
	Files      int64   `json:"files,omitempty"`        // that may be open (ulimit -n)
	Memory     int64   `json:"memory,omitempty"`       // bytes that its cgroup may have
	GoMemory   int64   `json:"go_memory,omitempty"`    // GOMEMLIMIT, bytes
	CPUs       float64 `json:"cpus,omitempty"`         // that its cgroup may have
	GoMaxProcs int     `json:"go_max_procs,omitempty"` // GOMAXPROCS
}

// Look asks the system.
func Look() Facts { return look("/") }

func look(root string) Facts {
	f := Facts{Files: files(), GoMaxProcs: runtime.GOMAXPROCS(0)}
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		f.GoMemory = limit
	}
	f.Memory, f.CPUs = group(root)
	return f
}

// group reads the limits of this process's cgroup, and of those above it: the least counts.
func group(root string) (memory int64, cpus float64) {
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) //nolint:gosec // G304: a file of the system
	if err != nil {
		return 0, 0
	}
	path := ""
	for line := range strings.Lines(string(text)) {
		if of, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			path = of
		}
	}
	for {
		folder := filepath.Join(root, "sys/fs/cgroup", path)
		if n, err := strconv.ParseInt(line(folder, "memory.max"), 10, 64); err == nil && (memory == 0 || n < memory) {
			memory = n
		}
		if quota, period, ok := strings.Cut(line(folder, "cpu.max"), " "); ok {
			of, wrong1 := strconv.ParseFloat(quota, 64)
			in, wrong2 := strconv.ParseFloat(period, 64)
			if wrong1 == nil && wrong2 == nil && in > 0 && (cpus == 0 || of/in < cpus) {
				cpus = of / in
			}
		}
		if path == "" || path == "/" || path == "." {
			return memory, cpus
		}
		path = filepath.Dir(path)
	}
}

func line(folder, name string) string {
	text, _ := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // G304: a file of the system
	return strings.TrimSpace(string(text))
}
