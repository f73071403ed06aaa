package main_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// previous builds the previous version, out of this repository's own history, and
// gives the binary. Where the history is not there the test is skipped, or fails
// when CI=true.
func previous(t *testing.T) (binary string) {
	t.Helper()
	commit, folder := previousCommit(t), t.TempDir()
	archive := filepath.Join(folder, "previous.zip")
	history := exec.CommandContext(t.Context(), "git", "archive", "--format=zip", "-o", archive, commit)
	history.Dir = "../.." // of a folder below, it would be that folder alone
	if said, err := history.CombinedOutput(); err != nil {
		missing := "the previous version, " + commit + ", is not in the history here, so this test DID NOT RUN; in a shallow clone: git fetch --unshallow\n" +
			err.Error() + ": " + string(said)
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	files, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	tree := filepath.Join(folder, "tree")
	if err := os.CopyFS(tree, files); err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(folder, name)
	// With -trimpath the folder is not among what Go's build cache looks at: the second time this is quick.
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", binary, "./cmd/itsme-bridge")
	build.Dir = tree
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the previous version, %s, does not build: %v\n%s", commit, err, said)
	}
	return binary
}

// previousCommit is what testdata/upgrade-from names.
func previousCommit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/upgrade-from")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	t.Fatal("testdata/upgrade-from names no commit")
	return ""
}
