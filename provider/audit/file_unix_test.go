//go:build unix

package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"itsme-bridge/provider/audit"
)

// What no line can be added to is refused, and none of it is waited for.
func TestFilesThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:                         "it is no plain file",
		pipe:                           "it is no plain file",
		"/dev/full":                    "it is no plain file",
		filepath.Join(folder, "a/b"):   "no such file or directory",
		filepath.Join(pipe, "beneath"): "not a directory",
	} {
		if _, err := audit.Open(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// A line that is there in part does not spoil the next.
func TestATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit")
	file := open(t, path)
	limit := func(bytes uint64) {
		var was syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: was.Max}); err != nil {
			t.Fatal(err)
		}
	}
	var unlimited syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		t.Fatal(err)
	}
	limit(10)
	_, err := file.Write([]byte("{\"a\":\"a long line\"}\n"))
	limit(unlimited.Cur)
	if err == nil || strings.Contains(err.Error(), path) {
		t.Fatalf("%v", err)
	}
	if _, err := file.Write([]byte("{\"b\":1}\n")); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	if got := string(text); got != "{\"a\":\"a lo\n{\"b\":1}\n" {
		t.Errorf("%q", got)
	}
}
