package document

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Problem is something wrong at one place.
type Problem struct {
	File string // as the document is called
	Line int    // the first is 1
	Path string // such as clients[0].home; empty: of the document as a whole
	Text string // what is wrong; what would be right
}

// String is the problem as one line.
func (p Problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Path, p.Text)
}

// Document is one YAML text.
type Document struct {
	name        string
	folder      string
	environment func(string) (string, bool)
	root        *yaml.Node

	byPath   map[string]*mapping
	opened   []*mapping // in the order of asking
	problems []Problem
	warnings []Problem
	files    []NamedFile
	inline   bool // a secret stands in the text itself

	shapes map[string]*Shape // by path; nil: nobody wants to know
}

// Parse reads a text. The name is for messages, and its folder is where relative
// file names begin; environment answers ${NAME}. What is wrong is asked of
// [Document.Problems].
func Parse(name string, text []byte, environment func(string) (string, bool)) *Document {
	d := &Document{name: name, folder: filepath.Dir(name), environment: environment, byPath: map[string]*mapping{}}
	first, second, err := decode(string(text))
	switch {
	case errors.Is(err, errNothing):
		d.wrong(1, "", "holds nothing; write key: value, each on a line of its own")
	case err != nil:
		d.wrong(lineOf(string(text), err), "", "is not YAML: %s; look at this line and those around it", reasonOf(err))
	case second.Kind != 0:
		d.wrong(second.Line, "", "a second document begins here; one file holds one")
	}
	if len(first.Content) > 0 {
		d.root = first.Content[0]
		d.survey(d.root, "")
	}
	return d
}

// Root is the document's outermost mapping. Nothing is complained of in a
// document that could not be read.
func (d *Document) Root() Section {
	if d.root == nil {
		root := d.open("", nil, 1)
		root.m.silent = true
		return root
	}
	return d.open("", d.root, d.root.Line)
}

// Problems are all that is wrong, in the order of the lines. Ask when everything
// has been read: what nobody has asked for is an unknown key.
func (d *Document) Problems() []Problem {
	if d.root == nil {
		return d.problems
	}
	for _, m := range d.opened {
		m.unknown()
	}
	return sorted(d.problems)
}

// Warnings are what may be meant so, and is better known.
func (d *Document) Warnings() []Problem { return sorted(d.warnings) }

// Inline reports whether the text itself holds a secret.
func (d *Document) Inline() bool { return d.inline }

// Known are the paths of all keys that were asked for, with [] for every index.
func (d *Document) Known() []string {
	var known []string
	for _, m := range d.opened {
		for _, key := range m.asked {
			known = append(known, indices.ReplaceAllString(join(m.path, key), "[]"))
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

func (d *Document) wrong(line int, path, format string, args ...any) {
	d.problems = add(d.problems, Problem{d.name, line, path, fmt.Sprintf(format, args...)})
}

func (d *Document) warn(line int, path, format string, args ...any) {
	d.warnings = add(d.warnings, Problem{d.name, line, path, fmt.Sprintf(format, args...)})
}

// add keeps a problem once, however often the place is read.
func add(list []Problem, p Problem) []Problem {
	if slices.Contains(list, p) {
		return list
	}
	return append(list, p)
}

func sorted(list []Problem) []Problem {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Problem) int { // those of one file together
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return list
}
