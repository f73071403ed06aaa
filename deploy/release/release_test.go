//go:build products

package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

func build(t *testing.T, targets string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "release")
	command := exec.Command(filepath.Join(e2e.Root(), "deploy/release/build"), folder)
	command.Env = append(os.Environ(), "VERSION=v1.2.3", "TARGETS="+targets)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

// Whatever is made of a commit is made once more, byte for byte. What another machine's archive
// would add is how its binary is compiled, which Go's own cache keeps apart.
func TestAReleaseIsMadeAlikeTwice(t *testing.T) {
	const targets = "linux_amd64 windows_amd64"
	first, second := build(t, targets), build(t, targets)
	if out, err := exec.Command("diff", "-r", first, second).CombinedOutput(); err != nil {
		t.Errorf("diff: %v\n%s", err, out)
	}
	entries, err := os.ReadDir(first)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for _, want := range []string{
		"SHA256SUMS", "itsme-bridge_1.2.3_amd64.deb", "itsme-bridge_1.2.3_amd64.rpm", "itsme-bridge_1.2.3_image.tar.gz",
		"itsme-bridge_1.2.3_linux_amd64.cdx.json", "itsme-bridge_1.2.3_linux_amd64.tar.gz", "itsme-bridge_1.2.3_windows_amd64.zip",
		"itsme-bridge_v1.2.3_linux_amd64.tar",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no %s in %q", want, names)
		}
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = first
	out, err := check.CombinedOutput()
	if err != nil || strings.Count(string(out), ": OK\n") != len(names)-1 {
		t.Errorf("%v\n%s", err, out)
	}

	inside := t.TempDir()
	if out, err := exec.Command("tar", "xzf", filepath.Join(first, "itsme-bridge_1.2.3_linux_amd64.tar.gz"), "-C", inside).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	at := filepath.Join(inside, "itsme-bridge_1.2.3")
	said, err := exec.Command(filepath.Join(at, "itsme-bridge"), "version").Output()
	head, problem := exec.Command("git", "-C", e2e.Root(), "rev-parse", "HEAD").Output()
	if err != nil || problem != nil || !strings.HasPrefix(string(said), "itsme-bridge v1.2.3 (revision "+strings.TrimSpace(string(head))+", go1.") {
		t.Errorf("%v %v: it says it is %s", err, problem, said)
	}
	for _, name := range []string{"LICENSE", "README.md", "config.yaml", "itsme-demo", "itsme-sandbox", "man/itsme-bridge.1"} {
		if _, err := os.Stat(filepath.Join(at, name)); err != nil {
			t.Error(err)
		}
	}
}
