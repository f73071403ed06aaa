package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const securityModel = "../SECURITY-MODEL.md"

// An entry is a row of the model's tables: what is kept, where, and what fails and which mistakes are made where it is not.
type entry struct {
	line     int
	first    string // a section, a promise, a subject
	kept     string
	tests    string
	mistakes string
}

// entries are the rows of all tables that end in "kept by", "fails" and "mistakes".
func entries(t *testing.T) []entry {
	t.Helper()
	text, err := os.ReadFile(securityModel)
	if err != nil {
		t.Fatal(err)
	}
	var found []entry
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		switch n := len(cells); {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case n >= 4 && cells[n-1] == "mistakes":
			inside = true
		case inside && !strings.HasPrefix(cells[0], "---"):
			found = append(found, entry{i + 1, cells[0], cells[n-3], cells[n-2], cells[n-1]})
		}
	}
	if len(found) < 60 {
		t.Fatalf("the tables have %d rows: they are not read", len(found))
	}
	return found
}

var quoted = regexp.MustCompile("`([^`]+)`")

func quotedIn(cell string) []string {
	var all []string
	for _, match := range quoted.FindAllStringSubmatch(cell, -1) {
		all = append(all, match[1])
	}
	return all
}

// Whatever the model names is there.
func TestTheSecurityModelIsThatOfTheCode(t *testing.T) {
	known := map[string]bool{}
	for _, r := range tables(t) {
		known[r.id] = true
	}
	for _, e := range entries(t) {
		if strings.HasPrefix(e.kept, "not kept: ") || strings.HasPrefix(e.kept, "not ours: ") {
			if e.tests+e.mistakes != "" {
				t.Errorf("%s:%d: what is not kept is not tested", securityModel, e.line)
			}
			continue
		}
		places, tests, mistakes := quotedIn(e.kept), quotedIn(e.tests), strings.Fields(e.mistakes)
		if len(places) == 0 || len(tests) == 0 || len(mistakes) == 0 {
			t.Errorf("%s:%d: does not say by what it is kept, what fails, and which mistake shows it", securityModel, e.line)
		}
		for _, place := range places {
			file, name, ok := strings.Cut(place, ":")
			if !ok || !slices.Contains(declared(t, file), name) {
				t.Errorf("%s:%d: there is no %s", securityModel, e.line, place)
			}
		}
		for _, test := range tests {
			home, name, _ := strings.Cut(test, " ")
			if !slices.Contains(testsIn(root, home), name) {
				t.Errorf("%s:%d: there is no %s", securityModel, e.line, test)
			}
		}
		for _, id := range mistakes {
			if !known[id] {
				t.Errorf("%s:%d: no mistake is called %s", securityModel, e.line, id)
			}
		}
	}
}

// declared are the functions, methods, constants and variables of a file.
func declared(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return nil
	}
	var names []string
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, ident := range v.Names {
						names = append(names, ident.Name)
					}
				}
			}
		}
	}
	return names
}

// Each section of RFC 9700's chapters 2 and 4 that recommends something, and each promise, has a row.
func TestTheSecurityModelIsWhole(t *testing.T) {
	have := map[string]bool{}
	for _, e := range entries(t) {
		have[e.first] = true
	}
	sections := strings.Fields(`2.1 2.1.1 2.1.2 2.2.1 2.2.2 2.3 2.4 2.5 2.6
		4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.11 4.12 4.13 4.14 4.15 4.16 4.17`)
	promises := strings.Fields("1 2 3 4 5 6 7 8 9 10")
	for _, section := range append(sections, promises...) {
		if !have[section] {
			t.Errorf("%s has no row for %s", securityModel, section)
		}
	}
}
