package main

import (
	_ "embed" // the list
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed likely.txt
var likelyTests string // read only

// likely are the tests of a package that are tried before all its others, as a pattern; empty: nobody knows which. In the
// file's own package they are those of the test files that are named as it is.
func (b *bench) likely(home, file string) string {
	var names []string
	if home == path.Dir(file) {
		files, _ := filepath.Glob(filepath.Join(b.root, strings.TrimSuffix(file, ".go")+"*_test.go"))
		for _, f := range files {
			names = append(names, testsOf(f)...)
		}
	}
	for line := range strings.SplitSeq(likelyTests, "\n") {
		words := strings.Fields(line)
		if home != "provider" || len(words) < 2 || words[0] != file && words[0] != path.Dir(file)+"/" {
			continue
		}
		for _, word := range words[1:] {
			names = append(names, testsOf(filepath.Join(b.root, "provider", word+"_test.go"))...)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "^(" + strings.Join(names, "|") + ")$"
}

// testsIn are the tests of a package of the module, as its sources have them.
func testsIn(root, home string) []string {
	files, _ := filepath.Glob(filepath.Join(root, home, "*_test.go"))
	var names []string
	for _, file := range files {
		names = append(names, testsOf(file)...)
	}
	slices.Sort(names)
	return names
}

// testsOf are the tests in a file; of one that is not there, none.
func testsOf(file string) []string {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var names []string
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
