//go:build e2e

package pages_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
	"itsme-bridge/provider/providertest/pagetest"
)

// What a screen reader is told of each page, in English, stands in testdata/trees, a file
// for each kind; UPDATE=1 makes them anew. In every other language it is told the same
// things of the usual pages, in other words.
func TestAccessibilityTrees(t *testing.T) {
	w := pagetest.Open(t, "")
	w.On(pagetest.Phone.WithoutMotion())
	all := samples(t)
	address := serveSamples(t, all, nil, nil)
	files := map[string]string{}
	for _, s := range all {
		w.GoTo(address(s, pages.Languages[0]))
		tree := w.Tree()
		files[string(s.page.Kind)] += s.name + "\n\n" + tree + "\n"
		for _, locale := range pages.Languages[1:] {
			if !s.usual {
				continue
			}
			w.GoTo(address(s, locale))
			if got := w.Tree(); shape(got) != shape(tree) {
				t.Errorf("%s in %s is told as\n%snot as\n%s", s.name, locale, got, tree)
			}
		}
	}
	for kind, got := range files {
		wantTree(t, filepath.Join("testdata/trees", kind+".txt"), got)
	}
}

// shape is a tree without its words.
func shape(tree string) string {
	return regexp.MustCompile(` "(?:[^"\\]|\\.)*"`).ReplaceAllString(tree, "")
}

func wantTree(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") == "1" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (UPDATE=1 writes it)", err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		var a, b string
		if i < len(wantLines) {
			a = wantLines[i]
		}
		if i < len(gotLines) {
			b = gotLines[i]
		}
		if a != b {
			t.Errorf("%s, line %d (UPDATE=1 where that is meant):\n%s\nwas\n%s", file, i+1, b, a)
			return
		}
	}
}
