//go:build products

package e2e

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Root is the folder of this module.
func Root() string {
	_, file, _, _ := runtime.Caller(0) //nolint:dogsled // the file is all that is wanted
	return filepath.Join(filepath.Dir(file), "../../..")
}

// Tool is the folder of a pinned download, which deploy/tools/e2e-NAME puts into the
// cache unless it is there. Where that fails the test is skipped, or fails when CI=true.
func Tool(t testing.TB, name string) string {
	t.Helper()
	script := filepath.Join(Root(), "deploy/tools/e2e-"+name)
	folder, err := install(script)
	switch {
	case err == nil:
		return folder
	case ci():
		t.Fatalf("e2e: %s is not here: %v", name, err)
	default:
		t.Skipf("NOT TESTED WITH THE REAL THING: %s is not here: %v", name, err)
	}
	return ""
}

// install runs an installer. The last line that it prints is the folder.
func install(script string) (string, error) {
	command := exec.Command(script)
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", &installError{script, complaints.String(), err}
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1], nil
}

// installError is an installer that failed, with its last words.
type installError struct {
	script, said string
	cause        error
}

func (e *installError) Error() string {
	return filepath.Base(e.script) + ": " + e.cause.Error() + "\n" + tail(e.said, 20)
}

func (e *installError) Unwrap() error { return e.cause }
