package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestProductionBinaryHoldsNothingMadeForTests(t *testing.T) {
	deps := dependencies(t, "cmd/itsme-bridge")
	if !slices.Contains(deps, module+"/provider") {
		t.Errorf("cmd/itsme-bridge does not contain the provider: is this list right?\n%s", strings.Join(deps, "\n"))
	}
	for _, pkg := range deps {
		if madeForTests(pkg) {
			t.Errorf("cmd/itsme-bridge contains %s", pkg)
		}
	}
}

// The demo does hold such packages. If it did not, the test above could not fail.
func TestDemoHoldsWhatProductionMustNot(t *testing.T) {
	deps := dependencies(t, "cmd/itsme-demo")
	for _, want := range []string{"github.com/alicebob/miniredis/v2", module + "/itsme/sandbox"} {
		if !slices.Contains(deps, want) || !madeForTests(want) {
			t.Errorf("cmd/itsme-demo should contain %s, and production not", want)
		}
	}
}

func madeForTests(pkg string) bool {
	ours, isOurs := strings.CutPrefix(pkg, module+"/")
	if isOurs {
		return strings.HasSuffix(ours, "test") || within(ours, "itsme/sandbox")
	}
	return slices.ContainsFunc([]string{
		"testing",
		"net/http/httptest",
		"github.com/alicebob/miniredis",
		"github.com/chromedp",
		"github.com/coreos/go-oidc", // the demo's client
	}, func(home string) bool { return within(pkg, home) })
}

// dependencies lists all that a command is linked from.
func dependencies(t *testing.T, command string) []string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, command, "main.go")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("NOT CHECKED: %v", err)
	}
	// -e: what does not compile is somebody else's to report.
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "./"+command)
	list.Dir = root
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return strings.Fields(string(out))
}
