package house_test

import (
	"go/ast"
	"maps"
	"slices"
	"testing"
)

const (
	longestFile     = 400 // lines
	longestFunction = 60  // lines, from func to its brace; tests are tables, and may be longer
)

// excused names each file, or "file function", that is longer, and why that is better than splitting it.
func excused() map[string]string {
	return map[string]string{}
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	excuses := excused()
	used := map[string]bool{}
	check := func(name string, lines, limit int) {
		if lines <= limit {
			return
		}
		used[name] = true
		if excuses[name] == "" {
			t.Errorf("%s: %d lines, more than %d", name, lines, limit)
		}
	}
	for _, s := range sources(t) {
		check(s.path, s.lines, longestFile)
		if s.test {
			continue
		}
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok {
				lines := s.set.Position(f.End()).Line - s.line(f.Name) + 1
				check(s.path+" "+f.Name.Name, lines, longestFunction)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(excuses)) {
		if !used[name] {
			t.Errorf("%s: is excused for its length, and is not long", name)
		}
	}
}
