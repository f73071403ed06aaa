package pagetest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// standards are the rules of axe-core that hold for a page: WCAG 2.2 at levels A and
// AA, and what axe calls best practices.
const standards = `"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"`

// Axe reads axe-core. Where make setup has not fetched it the test is skipped, or
// fails when CI=true.
func Axe(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0) //nolint:dogsled // the file is all that is wanted
	source, err := os.ReadFile(filepath.Join(filepath.Dir(here), "testdata/axe/node_modules/axe-core/axe.min.js"))
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("axe-core is not here (make setup): %v", err)
	default:
		t.Skipf("NOT LOOKED AT BY AXE: axe-core is not here (make setup): %v", err)
	}
	return string(source)
}

// Axe is what axe-core finds wrong with the page as it is now: nothing, on a page that
// is right. What axe cannot decide about colours counts as wrong too.
func (w *Window) Axe() []string {
	w.t.Helper()
	if !evaluate[bool](w, `typeof axe === "object"`) {
		evaluate[bool](w, w.axe+"\n;true")
	}
	return evaluate[[]string](w, `axe.run(document, {preload: false, resultTypes: ["violations", "incomplete"], runOnly: [`+standards+`]}).then(found =>
		[...found.violations, ...found.incomplete.filter(rule => rule.id === "color-contrast")].flatMap(rule =>
			rule.nodes.map(node => rule.id + ": " + node.failureSummary.replace(/\s+/g, " ") + " " + node.html)))`)
}
