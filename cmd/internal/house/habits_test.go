package house_test

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Time comes in as now func() time.Time, so that a test can move it.
func TestNobodyBelowCmdReadsTheClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.forTests() || within(s.home(), "cmd") || within(s.home(), "deploy/bench") { // which measures time
			continue
		}
		clock := nameOf(s.file, "time")
		if clock == "" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if ok && pkg.Name == clock && slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
				t.Errorf("%s:%d: time.%s: take now func() time.Time from the constructor", s.path, s.line(n), selector.Sel.Name)
			}
			return true
		})
	}
}

// nameOf is what a file calls an imported package of the standard library, or nothing.
func nameOf(file *ast.File, imported string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return imported
	}
	return ""
}

func TestPackagesAreNamedForWhatTheyProvide(t *testing.T) {
	empty := regexp.MustCompile(`^(util|utils|common|helper|helpers|model|models|misc|shared|types|base|manager|service|services)(_test)?$`)
	for _, s := range sources(t) {
		if name := s.file.Name.Name; empty.MatchString(name) {
			t.Errorf("%s: package %s says nothing", s.path, name)
		}
	}
}

func TestATodoNamesItsIssue(t *testing.T) {
	nameless := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	named := regexp.MustCompile(`\bTODO\(#\d+\)`)
	for _, s := range sources(t) {
		for _, group := range s.file.Comments {
			for _, comment := range group.List {
				if nameless.MatchString(comment.Text) && !named.MatchString(comment.Text) {
					t.Errorf("%s:%d: write TODO(#issue), or do it", s.path, s.line(comment))
				}
			}
		}
	}
}

// A package variable is a table, a template or an error: written where it is declared, and never again.
func TestPackageVariablesAreNeverWritten(t *testing.T) {
	packages := map[string][]source{}
	for _, s := range sources(t) {
		if !s.test {
			packages[s.home()] = append(packages[s.home()], s)
		}
	}
	for home, files := range packages {
		uses := resolve(home, files)
		for _, s := range files {
			for _, written := range writes(s.file) {
				if v, ok := uses[written].(*types.Var); ok && v.Parent() == v.Pkg().Scope() {
					t.Errorf("%s:%d: %s is a package variable, and is written", s.path, s.line(written), v.Name())
				}
			}
			for _, name := range locks(s.file) {
				t.Errorf("%s:%d: %s is a package variable made to change", s.path, s.line(name), name.Name)
			}
		}
	}
}

// resolve finds what the names of a package stand for, without its imports: they are of no interest here.
func resolve(home string, sources []source) map[*ast.Ident]types.Object {
	files := make([]*ast.File, len(sources))
	for i, s := range sources {
		files[i] = s.file
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{
		Importer: nothing{},
		Error:    func(error) {}, // of course it does not compile like that
	}
	_, _ = config.Check(home, sources[0].set, files, info)
	return info.Uses
}

// locks finds the package variables of a type in sync or sync/atomic.
func locks(file *ast.File) []*ast.Ident {
	var found []*ast.Ident
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			selector, ok := v.Type.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"sync", "atomic"}, types.ExprString(selector.X)) {
				found = append(found, v.Names...)
			}
		}
	}
	return found
}

type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

// writes collects the variables that a file assigns to: x = …, x.field = …, x[i] = …, *x = …, x++, &x, delete(x, …), clear(x).
func writes(file *ast.File) []*ast.Ident {
	var found []*ast.Ident
	add := func(e ast.Expr) {
		if ident := variable(e); ident != nil {
			found = append(found, ident)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				add(left)
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") {
				add(n.Args[0])
			}
		}
		return true
	})
	return found
}

// variable is the one at the root of an expression that can be assigned to.
func variable(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return variable(e.X)
	case *ast.IndexExpr:
		return variable(e.X)
	case *ast.StarExpr:
		return variable(e.X)
	case *ast.ParenExpr:
		return variable(e.X)
	}
	return nil
}
