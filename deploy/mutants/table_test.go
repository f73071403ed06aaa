package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func tables(t *testing.T) []row {
	t.Helper()
	rows, err := readTables("rows")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatal("no row: nothing would be tried")
	}
	return rows
}

// Each row says of a file that is there a text that is there once, and what it becomes is Go.
func TestEachRowStillApplies(t *testing.T) {
	sources := map[string][]byte{}
	for _, r := range tables(t) {
		source, known := sources[r.file]
		if !known {
			var err error
			if source, err = os.ReadFile(filepath.Join(root, r.file)); err != nil {
				t.Fatalf("%s: %v", r.id, err)
			}
			sources[r.file] = source
		}
		changed, err := r.apply(source)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, wrong := range faults(changed, source) {
			t.Errorf("%s: %s", r.id, wrong)
		}
	}
}

// faults are those that a compiler would find in a changed file, as far as that can be seen without its imports: what is
// no Go, variables and imports that nobody uses.
func faults(changed, before []byte) []string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "changed.go", changed, 0)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	config := types.Config{Importer: nothing{}, Error: func(err error) {
		if strings.Contains(err.Error(), "declared and not used") || strings.Contains(err.Error(), "missing return") {
			found = append(found, err.Error())
		}
	}}
	_, _ = config.Check("changed", set, []*ast.File{file}, nil)
	was, _ := parser.ParseFile(set, "before.go", before, 0)
	for name := range imported(was) {
		if !imported(file)[name] {
			found = append(found, name+" is imported and not used")
		}
	}
	return found
}

type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

// imported are the packages that a file takes something from.
func imported(file *ast.File) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil {
				found[x.Name] = true
			}
		}
		return true
	})
	for name := range found {
		if !slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
			return i.Name != nil && i.Name.Name == name || strings.Trim(i.Path.Value, `"`) == name || strings.HasSuffix(i.Path.Value, "/"+name+`"`)
		}) {
			delete(found, name)
		}
	}
	return found
}

// Each test that a row names is there.
func TestEachTestThatARowNamesIsThere(t *testing.T) {
	known := map[string][]string{}
	for _, r := range tables(t) {
		if len(r.kills) == 0 && r.equal == "" {
			t.Errorf("%s names no test that must fail", r.id)
		}
		for _, k := range r.kills {
			if known[k.home] == nil {
				known[k.home] = testsIn(root, k.home)
			}
			if !slices.Contains(known[k.home], k.test) {
				t.Errorf("%s: %s has no %s", r.id, k.home, k.test)
			}
		}
	}
}
