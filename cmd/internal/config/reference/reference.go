// Package reference is config.yaml, the reference of the configuration, for programs:
// what it says of a setting is what a first configuration and the schema say.
//
//	reference.go  Entry: a key of it with its comments
//	config.yaml   a copy, since a file above cannot be embedded; go generate makes it, and a test compares
package reference

import (
	_ "embed" // for config.yaml
	"regexp"
	"strings"
)

//go:generate cp ../../../../config.yaml config.yaml

//go:embed config.yaml
var text string

// Text is the reference as it stands.
func Text() string { return text }

// unused is a setting that is not in use: # and a key, without a space between, or a
// whole level deeper; or the first key of an entry of a list.
var unused = regexp.MustCompile(`(?m)^( *)#((?:  )*(?:- )?[a-z0-9_]+:)`)

// Everything is the reference with every setting in use, also those that exclude each other.
func Everything() string { return unused.ReplaceAllString(text, "$1$2") }

// Entry is a key of the reference.
type Entry struct {
	Path   string   // such as clients[].home
	Above  []string // the lines of the comment above it, without #
	Beside string   // the comment beside it
	Value  string   // as it is written; empty for a section
	Unused bool     // it stands in a comment
}

var (
	isComment = regexp.MustCompile(`^ *# (.*)$`)
	isEntry   = regexp.MustCompile(`^( *)(- )?([a-z0-9_]+):(?: (.*))?$`)
)

// Entries are all keys of the reference, in their order.
func Entries() []Entry {
	var entries []Entry
	var above []string
	var within []level
	given, all := strings.Split(text, "\n"), strings.Split(Everything(), "\n")
	for i, line := range all {
		if found := isComment.FindStringSubmatch(line); found != nil {
			above = append(above, found[1])
			continue
		}
		found := isEntry.FindStringSubmatch(line)
		if found == nil {
			above = nil
			continue
		}
		depth := len(found[1]) + len(found[2])
		for len(within) > 0 && within[len(within)-1].depth >= depth {
			within = within[:len(within)-1]
		}
		path := found[3]
		if n := len(within); n > 0 {
			if found[2] != "" && !strings.HasSuffix(within[n-1].path, "[]") {
				within[n-1].path += "[]" // it is a list of sections
			}
			path = within[n-1].path + "." + path
		}
		within = append(within, level{depth, path})
		value, beside := cut(found[4])
		entries = append(entries, Entry{path, above, beside, value, line != given[i]})
		above = nil
	}
	return entries
}

// level is a section that the line may be in.
type level struct {
	depth int
	path  string
}

// cut parts a value from the comment beside it.
func cut(text string) (value, comment string) {
	if rest, ok := strings.CutPrefix(text, "# "); ok {
		return "", rest
	}
	value, comment, _ = strings.Cut(text, " # ")
	return strings.TrimSpace(value), comment
}

// Find is the first entry of a path.
func Find(path string) (Entry, bool) {
	for _, e := range Entries() {
		if e.Path == path {
			return e, true
		}
	}
	return Entry{}, false
}

// Sentence is the first one of the comment: beside the key, or else above it.
func (e Entry) Sentence() string {
	for _, comment := range []string{e.Beside, strings.Join(e.Above, " ")} {
		first, rest, _ := strings.Cut(comment, ". ")
		if strings.HasPrefix(first, "EXAMPLE") { // is of the value
			first, _, _ = strings.Cut(rest, ". ")
		}
		if first != "" {
			return strings.TrimSuffix(first, ".")
		}
	}
	return ""
}
