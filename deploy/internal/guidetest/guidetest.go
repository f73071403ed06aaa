// Package guidetest follows a guide to the letter: what stands in its blocks of code is
// done, in order, in a folder of the test.
//
//	```sh                a script, run by sh -eu; it must succeed
//	```sh fails=3        … that must end with this exit code
//	```yaml file=a.yaml  a file
//	```yaml config       what config.yaml says from here on, beside what it has said; null takes away
//	```text              what the script before has printed, among others, line by line; … stands for anything
//
// A block may belong to a chapter, or to several: after the language comes
// chapter=NAME,NAME, and Follow does those of one chapter. Any other block is only shown.
package guidetest

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Place is where a guide is followed.
type Place struct {
	Folder string   // where its commands run
	Path   []string // folders with the commands that it calls, before the machine's own
	Env    []string // NAME=VALUE

	Replace *strings.Replacer // what the guide says for what there is here; nil: nothing
}

// block is one of code.
type block struct {
	line    int
	words   []string          // sh, yaml, config
	options map[string]string // file, chapter, fails
	text    string
}

var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func blocks(text string) []block {
	var all []block
	for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
		b := block{line: 1 + strings.Count(text[:at[0]], "\n"), options: map[string]string{}, text: text[at[4]:at[5]]}
		for word := range strings.FieldsSeq(text[at[2]:at[3]]) {
			if key, value, ok := strings.Cut(word, "="); ok {
				b.options[key] = value
			} else {
				b.words = append(b.words, word)
			}
		}
		all = append(all, b)
	}
	return all
}

// Chapters are the names of those that a guide has, in order.
func Chapters(t testing.TB, file string) []string {
	t.Helper()
	var names []string
	seen := map[string]bool{}
	for _, b := range blocks(read(t, file)) {
		if b.is("sh") && b.options["chapter"] == "" {
			t.Errorf("%s:%d: this block belongs to no chapter, so nobody runs it", file, b.line)
		}
		for name := range strings.SplitSeq(b.options["chapter"], ",") {
			if name != "" && !seen[name] {
				names, seen[name] = append(names, name), true
			}
		}
	}
	return names
}

func (b block) is(word string) bool { return len(b.words) > 0 && b.words[0] == word }

// Follow does what the blocks of a chapter say; "" for those without one.
func Follow(t testing.TB, file, chapter string, p Place) {
	t.Helper()
	said, done := "", 0
	for _, b := range blocks(read(t, file)) {
		if !slices.Contains(strings.Split(b.options["chapter"], ","), chapter) {
			continue
		}
		if p.Replace != nil {
			b.text = p.Replace.Replace(b.text)
		}
		switch {
		case b.is("sh"):
			done++
			said = p.run(t, file, b)
		case b.is("text"):
			shown(t, file, b, said)
		case b.options["file"] != "":
			write(t, filepath.Join(p.Folder, b.options["file"]), []byte(b.text))
		case len(b.words) == 2 && b.words[1] == "config":
			Configure(t, filepath.Join(p.Folder, "config.yaml"), b.text)
		}
	}
	if done == 0 {
		t.Fatalf("%s has no commands in the chapter %q", file, chapter)
	}
}

// run runs a script, and gives what it prints.
func (p Place) run(t testing.TB, file string, b block) string {
	t.Helper()
	command := exec.Command("sh", "-eu", "-c", b.text)
	command.Dir = p.Folder
	command.Env = append(os.Environ(), "PATH="+strings.Join(append(p.Path, os.Getenv("PATH")), ":"))
	command.Env = append(command.Env, p.Env...)
	out, err := command.CombinedOutput()
	code := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = failed.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	want, _ := strconv.Atoi(b.options["fails"])
	if code != want {
		t.Fatalf("%s:%d: exit code %d, want %d, of\n%s\nit says\n%s", file, b.line, code, want, b.text, out)
	}
	return string(out)
}

// shown wants each line of a block in what was printed.
func shown(t testing.TB, file string, b block, said string) {
	t.Helper()
	for line := range strings.Lines(b.text) {
		line = strings.TrimRight(line, "\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		if !regexp.MustCompile("(?m)^" + pattern + "$").MatchString(said) {
			t.Errorf("%s:%d: %q is not what is printed:\n%s", file, b.line, line, said)
		}
	}
}

// settings is a piece of YAML.
type settings map[string]any

// Configure changes a file of settings: what text says is added, and takes the place of what is there; null takes away.
func Configure(t testing.TB, file, text string) {
	t.Helper()
	was, change := parse(t, read(t, file)), parse(t, text)
	merge(was, change)
	made, err := yaml.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, made)
}

func merge(into, change settings) {
	for key, value := range change {
		there, isThere := into[key].(settings)
		if inner, ok := value.(settings); ok && isThere {
			merge(there, inner)
			continue
		}
		into[key] = value
	}
	maps.DeleteFunc(into, func(_ string, value any) bool { return value == nil })
}

func parse(t testing.TB, text string) settings {
	t.Helper()
	s := settings{}
	if err := yaml.Unmarshal([]byte(text), &s); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return s
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
