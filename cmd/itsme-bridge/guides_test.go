package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/product"
	main "itsme-bridge/cmd/itsme-bridge"
)

// root is the top of the project.
const root = "../.."

// fence is a block of code of a guide.
type fence struct {
	info string
	text string
}

var fences = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func fencesOf(text string) []fence {
	var all []fence
	for _, found := range fences.FindAllStringSubmatch(text, -1) {
		all = append(all, fence{found[1], found[2]})
	}
	return all
}

// calls are the calls of client new in a block, each as its words.
func calls(t *testing.T, block string) [][]string {
	t.Helper()
	var all [][]string
	for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		if rest, ok := strings.CutPrefix(line, "itsme-bridge client new "); ok {
			all = append(all, words(t, rest))
		}
	}
	return all
}

var word = regexp.MustCompile(`'([^']*)'|"([^"$]*)"|([^\s'"]+)`)

// words are those of a line of shell as simple as a guide's: no variables, nothing quoted in part.
func words(t *testing.T, line string) []string {
	t.Helper()
	line, _, _ = strings.Cut(line, " > ")
	line, _, _ = strings.Cut(line, " #")
	var all []string
	for _, found := range word.FindAllStringSubmatch(line, -1) {
		all = append(all, found[1]+found[2]+found[3])
	}
	return all
}

// What a guide shows of a file is what the command before it writes, to the letter but for what is made anew each time.
func TestGuidesShowWhatTheCommandWrites(t *testing.T) {
	for _, p := range product.All() {
		if p.Guide == "" {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, p.Guide))
			if err != nil {
				t.Fatalf("the product has no guide: %v", err)
			}
			g := guide{t: t, text: string(text)}
			for _, f := range fencesOf(string(text)) {
				for _, call := range calls(t, f.text) {
					g.run(call)
				}
				if at := strings.Index(f.info, "file="); at >= 0 {
					g.compare(strings.Fields(f.info[at+len("file="):])[0], f.text)
				}
			}
			g.quotesNoOther()
			if !g.for_(p.Name) {
				t.Errorf("no command of %s makes a client for %s", p.Guide, p.Name)
			}
			if !regexp.MustCompile(`Last proven: \d{4}-\d\d-\d\d`).Match(text) {
				t.Error("the guide does not say when it was last proven")
			}
			if lines := bytes.Count(text, []byte("\n")); lines > 100 {
				t.Errorf("the guide has %d lines, which is more than a page", lines)
			}
		})
	}
}

// guide is a guide while its commands are run.
type guide struct {
	t      *testing.T
	text   string
	folder string // that the last command wrote into
	called [][]string
	warned []string // by the commands, each a line
}

func (g *guide) run(call []string) {
	g.t.Helper()
	g.folder = filepath.Join(g.t.TempDir(), "out")
	at := slices.Index(call, "--out")
	if at >= 0 {
		call = slices.Delete(slices.Clone(call), at, at+2)
	}
	g.called = append(g.called, call)
	var stdout, stderr bytes.Buffer
	args := slices.Concat([]string{"client", "new"}, call, []string{"--out", g.folder})
	if code := main.Run(g.t.Context(), args, strings.NewReader(""), &stdout, &stderr, none); code != 0 {
		g.t.Fatalf("client new %s: exit code %d: %s", strings.Join(call, " "), code, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if !strings.Contains(line, "warning:") {
			continue
		}
		g.warned = append(g.warned, line)
		if !strings.Contains(g.text, "\n"+line) {
			g.t.Errorf("client new %s: the guide does not quote the line\n%s", strings.Join(call, " "), line)
		}
	}
}

// quotesNoOther fails the test where the guide quotes a warning that none of its commands prints.
func (g *guide) quotesNoOther() {
	g.t.Helper()
	for line := range strings.Lines(g.text) {
		if strings.HasPrefix(line, "warning:") && !slices.Contains(g.warned, line) {
			g.t.Errorf("no command of the guide prints\n%s", line)
		}
	}
}

func (g *guide) for_(name string) bool {
	return slices.ContainsFunc(g.called, func(call []string) bool {
		at := slices.Index(call, "--for")
		return at >= 0 && at+1 < len(call) && call[at+1] == name
	})
}

var (
	hash = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	// random is 32 random bytes as base64url: an application's own secret.
	random = regexp.MustCompile(`(["=])[\w-]{43}("|\n)`)
)

func (g *guide) compare(name, shown string) {
	g.t.Helper()
	if g.folder == "" {
		g.t.Fatalf("%s is shown before any command", name)
	}
	wrote, err := os.ReadFile(filepath.Join(g.folder, name))
	if err != nil {
		g.t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(g.folder, "secret"))
	want := string(wrote)
	if err == nil && len(secret) > 0 {
		want = strings.ReplaceAll(want, string(secret), "SECRET")
	}
	want = hash.ReplaceAllString(want, "sha256:…")
	want = random.ReplaceAllString(want, "${1}RANDOM${2}")
	if strings.TrimRight(shown, "\n") != strings.TrimRight(want, "\n") {
		g.t.Errorf("%s is shown as\n%s\nand the command writes\n%s", name, shown, want)
	}
}
