package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const unit = "itsme-bridge.service"

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("NOT TESTED: there is no %s; deploy/tools/setup installs it", program)
	}
}

// readUnit is the unit, with a program of this machine in the place of the bridge.
func readUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSystemdFindsNoFaultInTheUnit(t *testing.T) {
	needs(t, "systemd-analyze")
	file := filepath.Join(t.TempDir(), unit)
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(readUnit(t), "/usr/bin/itsme-bridge", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	if text := string(out); err != nil || strings.Contains(text, unit) {
		t.Errorf("%v\n%s", err, text)
	}
}

// README.md says how little it may do; every line of the unit that takes a right away
// is worth a tenth or more of that figure.
func TestTheUnitMayDoLittle(t *testing.T) {
	needs(t, "systemd-analyze")
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--threshold=15", unit).CombinedOutput()
	found := regexp.MustCompile(`exposure level for itsme-bridge.service: ([0-9.]+)`).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	guide, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if said := "says " + string(found[1]) + " of 10"; !strings.Contains(string(guide), said) {
		t.Errorf("README.md does not say %q", said)
	}
}

// What the unit waits for at the end is longer than the bridge takes, as the reference has it.
func TestTheUnitLetsItDrain(t *testing.T) {
	reference, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	seconds := func(text, pattern string) int {
		t.Helper()
		found := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("there is no %s", pattern)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	takes := 0
	for _, pattern := range []string{`drain_delay: 0s # default (\d+)s`, `\n  drain: (\d+)s`, `\n  status_timeout: (\d+)s`, `\n  lease: (\d+)s`} {
		takes += seconds(string(reference), pattern)
	}
	if stop := seconds(readUnit(t), `\nTimeoutStopSec=(\d+)\n`); stop <= takes {
		t.Errorf("TimeoutStopSec is %d s, and the bridge takes up to %d s", stop, takes)
	}
}
