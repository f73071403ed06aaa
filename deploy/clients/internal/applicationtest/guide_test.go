package applicationtest_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fence is a piece of code in a guide that no command writes.
var fence = regexp.MustCompile("(?ms)^```(java|js|python)\n(.*?)^```$")

// What a guide shows of an application stands in the application, but for where its lines begin.
func TestAGuideShowsWhatItsTestRuns(t *testing.T) {
	for _, guide := range []string{"authjs", "authlib", "django", "express", "passport", "spa", "spring"} {
		folder := os.DirFS("../../" + guide)
		text, err := fs.ReadFile(folder, "README.md")
		if err != nil {
			t.Fatal(err)
		}
		code := sources(t, folder)
		for _, found := range fence.FindAllStringSubmatch(string(text), -1) {
			shown := flush(found[2])
			if !slices.ContainsFunc(code, func(source string) bool { return strings.Contains(source, shown) }) {
				t.Errorf("%s shows what no file beside it has:\n%s", guide, found[2])
			}
		}
	}
}

// usual is the port at which a Node application listens unless PORT names another port.
var usual = regexp.MustCompile(`\bPORT (?:\?\?|=) (\d+)\b`)

func TestAGuideSaysAtWhichPortItsApplicationListens(t *testing.T) {
	for _, guide := range []string{"authjs", "express", "passport"} {
		folder := os.DirFS("../../" + guide)
		text, err := fs.ReadFile(folder, "README.md")
		if err != nil {
			t.Fatal(err)
		}
		port := usual.FindStringSubmatch(strings.Join(sources(t, folder), "\n"))
		if port == nil {
			t.Errorf("%s listens at any free port unless PORT names one", guide)
		} else if !strings.Contains(string(text), "at port "+port[1]+" of 127.0.0.1") {
			t.Errorf("%s does not say that its application listens at port %s", guide, port[1])
		}
	}
}

// sources are the files of an application.
func sources(t *testing.T, folder fs.FS) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(folder, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".java", ".mjs", ".html", ".py"}, path.Ext(name)) {
			return err
		}
		text, err := fs.ReadFile(folder, name)
		all = append(all, flush(string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// flush is a text whose lines all begin at the margin.
func flush(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
