package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A row is one mistake.
type row struct {
	id    string
	file  string   // of the module, with slashes
	why   string   // what happens to whom
	kills []kill   // the tests that must fail
	equal string   // why nobody can see the change, where that is so: the row is not run
	old   []string // lines, of which the first and the last may be parts of lines
	new   []string
	table string // the file that the row is in
}

// A kill is a package and a test of it.
type kill struct{ home, test string }

// readTables reads all rows below a folder, in the order of their files.
func readTables(folder string) ([]row, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []row
	seen := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		rows, err := parseTable(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for i := range rows {
			if seen[rows[i].id] {
				return nil, fmt.Errorf("%s: %s is there twice", name, rows[i].id)
			}
			seen[rows[i].id] = true
			rows[i].table = name
		}
		all = append(all, rows...)
	}
	return all, nil
}

// parseTable reads rows that are separated by empty lines. Lines that begin with # are for people.
func parseTable(text string) ([]row, error) {
	var rows []row
	for block := range strings.SplitSeq(text, "\n\n") {
		var r row
		for line := range strings.SplitSeq(block, "\n") {
			if err := r.take(line); err != nil {
				return nil, err
			}
		}
		if r.id == "" && r.old == nil {
			continue
		}
		if err := r.complete(); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (r *row) take(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || line[0] == '#':
	case line[0] == '-':
		r.old = append(r.old, line[1:])
	case line[0] == '+':
		r.new = append(r.new, line[1:])
	case word == "id":
		r.id, r.file, _ = strings.Cut(rest, " ")
	case word == "why":
		r.why = rest
	case word == "equal":
		r.equal = rest
	case word == "kill":
		home, test, _ := strings.Cut(rest, " ")
		r.kills = append(r.kills, kill{home, test})
	default:
		return fmt.Errorf("%s: %q is none of id, why, kill, equal, - and +", r.id, line)
	}
	return nil
}

func (r *row) complete() error {
	switch {
	case r.id == "" || r.file == "":
		return fmt.Errorf("a row has no id or no file: %q", r.old)
	case r.old == nil || strings.TrimSpace(r.before()) == "":
		return fmt.Errorf("%s: says not what is there", r.id)
	case r.before() == r.after():
		return fmt.Errorf("%s: changes nothing", r.id)
	case r.why == "":
		return fmt.Errorf("%s: says not why it matters", r.id)
	}
	return nil
}

func (r *row) before() string { return strings.Join(r.old, "\n") }
func (r *row) after() string  { return strings.Join(r.new, "\n") }

var errStale = errors.New("the text that it changes must be there exactly once")

// find is where in a source the row's text is.
func (r *row) find(source []byte) (int, error) {
	if n := bytes.Count(source, []byte(r.before())); n != 1 {
		return 0, fmt.Errorf("%s: %s: %w, and is there %d times", r.id, r.file, errStale, n)
	}
	return bytes.Index(source, []byte(r.before())), nil
}

// apply is the source with the mistake in it.
func (r *row) apply(source []byte) ([]byte, error) {
	at, err := r.find(source)
	if err != nil {
		return nil, err
	}
	changed := append(bytes.Clone(source[:at]), r.after()...)
	return append(changed, source[at+len(r.before()):]...), nil
}
