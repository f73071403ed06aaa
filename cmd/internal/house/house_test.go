// Package house_test holds the tree to the rules that no compiler knows:
//
//	floors_test.go   imports go down only
//	binary_test.go   the production binary contains nothing made for tests
//	habits_test.go   no clock below cmd, no mutable package variable, no package named for nothing, no work put off without an issue
//	size_test.go     short files, short functions
//	layout_test.go   what may stand at the top, and what no file may mention
//
// It reads the sources as they lie there, whatever their build tags, and asks nothing of a package that does not compile.
package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root   = "../../.." // of the module, from this package
	module = "itsme-bridge"
)

// A source is one Go file of the module.
type source struct {
	path  string // from the root, with slashes
	test  bool   // *_test.go
	lines int
	set   *token.FileSet
	file  *ast.File
}

// home is the folder of the file's package, from the root.
func (s source) home() string { return path.Dir(s.path) }

func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

// forTests says that the file is a test, or belongs to a package made for tests only.
func (s source) forTests() bool {
	return s.test || strings.HasSuffix(s.home(), "test") || within(s.home(), "provider/providertest") || within(s.home(), "deploy/internal/e2e")
}

// sources parses every Go file of the module. Nested modules and testdata are not ours.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && foreign(name, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{
			path:  rooted(t, name),
			test:  strings.HasSuffix(name, "_test.go"),
			lines: strings.Count(string(text), "\n"),
			set:   set,
			file:  file,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("found no source: the rules would hold for nothing")
	}
	return all
}

func foreign(name, base string) bool {
	if name == root {
		return false
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return err == nil || base == "testdata" || base == "bin" || strings.HasPrefix(base, ".")
}

func rooted(t *testing.T, name string) string {
	t.Helper()
	relative, err := filepath.Rel(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(relative)
}
