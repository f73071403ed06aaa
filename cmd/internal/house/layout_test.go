package house_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTopLevelHoldsOnlyWhatBelongsThere(t *testing.T) {
	belongs := strings.Fields(`
		go.mod go.sum cmd provider storage itsme keys deploy config.yaml README.md
		LICENSE Makefile CONTRIBUTING.md SECURITY.md CHANGELOG.md
		.ci .editorconfig .git .gitattributes .github .gitignore .golangci.yml`)
	local := strings.Fields("bin .DS_Store .env .idea .vscode") // .gitignore has them
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !slices.Contains(belongs, name) && !slices.Contains(local, name) {
			t.Errorf("%s does not belong at the top", name)
		}
	}
}

// What a link leads to is on one machine, and may not be in a clone.
func TestNoFileIsALink(t *testing.T) {
	listed, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--stage").Output()
	if err != nil {
		t.Skip("git does not say which files there are: ", err)
	}
	for line := range strings.Lines(string(listed)) {
		if strings.HasPrefix(line, "120000 ") {
			t.Errorf("a link: %s", line)
		}
	}
}

// Where a machine gets its packages from is that machine's matter: no file names its mirrors.
func TestNoFileNamesAPackageRegistry(t *testing.T) {
	hosts := registries(t)
	if len(hosts) == 0 {
		t.Log("this machine has no registry to name")
		return
	}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "node_modules"}, entry.Name()):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || filepath.Ext(name) == ".sum":
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if entry.Name() == "package-lock.json" && bytes.Contains(text, []byte(`"resolved"`)) {
			t.Errorf("%s names where packages come from: see omit-lockfile-registry-resolved in .npmrc", rooted(t, name))
		}
		for _, host := range hosts {
			if utf8.Valid(text) && bytes.Contains(text, []byte(host)) {
				t.Errorf("%s names %s", rooted(t, name), host)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// registries asks this machine for the hosts that it takes Go modules, Debian and npm packages from.
func registries(t *testing.T) []string {
	t.Helper()
	settings, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	if npm, err := exec.CommandContext(t.Context(), "npm", "config", "get", "registry").Output(); err == nil {
		settings = append(append(settings, '\n'), npm...)
	}
	for _, pattern := range []string{"/etc/apt/sources.list", "/etc/apt/sources.list.d/*"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil {
				settings = append(append(settings, '\n'), text...)
			}
		}
	}
	var hosts []string
	for _, match := range regexp.MustCompile(`https?://(?:[^/\s@]*@)?([^/\s,|]+)`).FindAllSubmatch(settings, -1) {
		hosts = append(hosts, string(match[1]))
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
