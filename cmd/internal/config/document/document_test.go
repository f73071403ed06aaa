package document_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config/document"
)

// environment is what the tests' documents may ask for.
func environment(name string) (string, bool) {
	value, ok := map[string]string{"HOST": "host.example", "EMPTY": "", "SECRET": "hush hush hush"}[name]
	return value, ok
}

// read reads a document as the tests' own configuration: every kind of value once.
func read(text string) *document.Document {
	d := document.Parse("a.yaml", []byte(text), environment)
	root := d.Root()
	root.Value("text").Text()
	if root.Has("needs") {
		root.Missing("needed", "write it, too")
	}
	root.Value("flag").Flag(false)
	root.Value("count").Count(3, 1, 10)
	root.Value("time").Duration(time.Minute, time.Second, time.Hour)
	root.Value("choice").Choice("a", "a", "b", "c")
	root.Value("list").Texts()
	root.Secret("secret")
	root.Value("file").File()
	for _, s := range root.Sections("sections") {
		s.Missing("id", "write one")
		s.Section("below").Value("deep").Text()
	}
	root.Section("section").Value("inner").Text()
	return d
}

func TestProblems(t *testing.T) {
	for _, row := range []struct {
		name string
		text string
		want string // a line each, without "a.yaml:"
	}{
		{"nothing wrong", "text: x\nflag: true\ncount: 10\ntime: 1h\nchoice: c\nlist: [a, b]\nsection: {inner: x}\nsections: [{id: 1}]\n", ""},
		{"an empty file", "", "1: holds nothing; write key: value, each on a line of its own"},
		{"one that lacks something", "needs: x\n", "1: needed: is missing; write it, too"},
		{"comments only", "# nothing\n", "1: holds nothing; write key: value, each on a line of its own"},
		{"not YAML", "text: x\nflag: [true\nlist: [\n", "2: is not YAML: did not find expected ',' or ']'; look at this line and those around it"},
		{"a list at the top", "- text\n", "1: is a list; write key: value, each on a line of its own"},
		{"two documents", "text: x\n---\nflag: true\n", "2: a second document begins here; one file holds one"},
		{"rubbish after the document", "text: x\n...\n[\n", "3: is not YAML: did not find expected <document start>; look at this line and those around it"},
		{"a tab", "text: x\nsection:\n  inner: x\n\tflag: true\n", "4: is not YAML: found a tab character that violates indentation; look at this line and those around it"},
		{"a colon too many", "text: x\nflag: true\nchoice: a: b\ncount: 3\n", "3: is not YAML: mapping values are not allowed in this context; look at this line and those around it"},
		{"a line too far to the right", "text: x\nflag: true\n  count: 3\ntime: 5m\n", "3: is not YAML: mapping values are not allowed in this context; look at this line and those around it"},
		{"a line too far to the left", "section:\n    inner: x\n  deep: y\ntext: x\n", "3: is not YAML: did not find expected key; look at this line and those around it"},
		{"a quote that is never closed", "text: x\nchoice: \"a\ncount: 3\nflag: true\n", "2: is not YAML: found unexpected end of stream; look at this line and those around it"},
		{"a quote too many", "text: x\nchoice: 'a'b'\ncount: 3\n", "2: is not YAML: did not find expected key; look at this line and those around it"},
		{"a brace that is never closed", "text: x\nsection: {inner: x\ncount: 3\nflag: true\n", "2: is not YAML: did not find expected ',' or '}'; look at this line and those around it"},
		{"within brackets of several lines", "text: x\nlist: [a,\n  b,\n  c: d: e]\nflag: true\n", "4: is not YAML: did not find expected ',' or ']'; look at this line and those around it"},
		{"a list in a section", "text: x\nsection:\n  inner: x\n  - a\n", "4: is not YAML: did not find expected key; look at this line and those around it"},
		{"a word without a colon", "text: x\nflag: true\ncount\nchoice: a\n", "3: is not YAML: could not find expected ':'; look at this line and those around it"},
		{"in the first line", "text: [\n", "1: is not YAML: did not find expected node content; look at this line and those around it"},
		{"a control character", "text: x\nchoice: \x01\n", "2: is not YAML: control characters are not allowed; look at this line and those around it"},
		{"after brackets of several lines", "list: [a,\n  b]\nflag: true\nsection: {\n  inner: x\n}\ncount: [\n", "7: is not YAML: did not find expected node content; look at this line and those around it"},

		{"an unknown key", "txet: x\n", "1: txet: unknown key; did you mean text?"},
		{"an unknown key like nothing", "\nelephant: x\n", "2: elephant: unknown key; the nearest that is known here is count"},
		{"a key in another spelling", "Sections: []\nsecretFile: x\nsecret-file: y\n", `1: Sections: unknown key; did you mean sections?
2: secretFile: unknown key; did you mean secret_file?
3: secret-file: unknown key; did you mean secret_file?`},
		{"a key with a word more", "my_flag: x\nflag_value: y\n", "1: my_flag: unknown key; did you mean flag?\n2: flag_value: unknown key; did you mean flag?"},
		{"a key of another section", "inner: x\nsections: [{id: a, below: {flag: x}}]\n", `1: inner: unknown key; did you mean section.inner?
2: sections[0].below.flag: unknown key; did you mean flag?`},
		{"an unknown key below", "sections:\n  - id: a\n    below:\n      deeep: x\n", "4: sections[0].below.deeep: unknown key; did you mean deep?"},
		{"unknown keys in unknown keys are one problem", "elephants: {a: 1, b: 2}\nfile: x\n", `1: elephants: unknown key; the nearest that is known here is count
2: file: there is no file "x"; write its path, from the folder of this file or from /`},
		{"a key with a line break", "\"a\\nb: c\": x\n", `1: "a\nb: c": unknown key; the nearest that is known here is choice`},
		{"a key twice", "text: x\nflag: true\ntext: y\n", "3: text: is given twice; keep this or the one on line 1"},
		{"a key twice, below", "section:\n  inner: x\n  inner: y\n", "3: section.inner: is given twice; keep this or the one on line 2"},
		{"a key twice where nobody looks", "elephants: {a: 1, a: 2}\ntext: x\n", `1: elephants.a: is given twice; keep this or the one on line 1
1: elephants: unknown key; the nearest that is known here is count`},
		{"a key that is a list", "[a]: x\n", "1: holds a key that is not a plain word; write key: value"},
		{"a merge", "section: &a {inner: x}\nsections: [{<<: *a, id: 1}]\n", `1: section: has an anchor (a word that begins with &); write values out where they are needed, and quote a value that begins so
2: sections[0]: holds a key that is not a plain word; write key: value`},
		{"an alias", "text: &a x\nlist: [*a]\nsection: *a\nsections: *a\n", `1: text: has an anchor (a word that begins with &); write values out where they are needed, and quote a value that begins so
2: list[0]: is an alias (a word that begins with *); write the value out, and quote one that begins so
3: section: is an alias (a word that begins with *); write the value out, and quote one that begins so
4: sections: is an alias (a word that begins with *); write the value out, and quote one that begins so`},
		{"a secret that begins like an alias", "text: *s3cret\n", "1: is not YAML: a word that begins with * is an alias of nothing; quote it; look at this line and those around it"},
		{"a tag", "text: !!binary aGk=\n", "1: text: has a tag (a word that begins with !); write the value alone, and quote one that begins so"},

		{"no value", "text:\nflag: ~\n", "1: text: has no value; write one, or leave the key out\n2: flag: has no value; write one, or leave the key out"},
		{"a list for a text", "text: [a]\n", "1: text: is a list; write a single value"},
		{"a section for a text", "text:\n  a: b\n", "1: text: is a section; write a single value"},
		{"a text for a list", "list: a\n", "1: list: is a single value; write a list, as [a, b] or with one - a line"},
		{"an empty entry", "list: [a, '', ~]\n", "1: list[1]: is empty; write something, or take the entry away\n1: list[2]: has no value; write one, or leave the key out"},
		{"a text for a section", "section: a\n", "1: section: is a single value; write key: value, each on a line of its own"},
		{"nothing for a section", "text: x\nsection:\nflag: true\n", "2: section: is empty; write key: value, each on a line of its own"},
		{"a text for a section in a list is one problem", "sections: [a]\n", "1: sections[0]: is a single value; write key: value, each on a line of its own"},
		{"a section that lacks something", "sections:\n  -\n    below: {}\n", "3: sections[0].id: is missing; write one"},

		{"a flag in YAML 1.1", "flag: yes\n", `1: flag: is "yes"; write true or false`},
		{"a number that is none", "count: three\n", `1: count: is "three"; write a number from 1 to 10`},
		{"a number too many", "count: 11\n", `1: count: is "11"; write a number from 1 to 10`},
		{"a number too few", "count: 0\n", `1: count: is "0"; write a number from 1 to 10`},
		{"a number with a point", "count: 1.0\n", `1: count: is "1.0"; write a number from 1 to 10`},
		{"a choice that is none", "choice: d\n", `1: choice: is "d"; write a, b or c`},
		{"a time without a unit", "time: 5\n", `1: time: "5" is not a time; write it as 30s, 5m, 2h or 30d`},
		{"a time below nothing", "time: -5m\n", `1: time: "-5m" is not a time; write it as 30s, 5m, 2h or 30d`},
		{"a time too long", "time: 1d1h\n", "1: time: 25h is too long; at most 1h"},
		{"a time too short", "time: 999ms\n", "1: time: 999ms is too short; at least 1s"},
		{"a time beyond all", "time: 32767d2562047h\n", `1: time: "32767d2562047h" is not a time; write it as 30s, 5m, 2h or 30d`},

		{"a variable", "text: ${HOST}\n", ""},
		{"a variable that is not set", "text: ${NOWHERE}\n", "1: text: the environment variable NOWHERE is not set; set it, or write the value here"},
		{"a variable that is empty", "secret: ${EMPTY}\n", "1: secret: the environment variable EMPTY is empty; give it a value"},
		{"a variable in a text", "text: https://${HOST}/\n", "1: text: holds ${ within other text; a value comes from the environment as a whole, as ${NAME}, or not at all"},
		{"a secret in the wrong place", "choice: ${SECRET}\ncount: ${SECRET}\nflag: ${SECRET}\ntime: ${SECRET}\nfile: ${SECRET}\n", `1: choice: is the value of ${SECRET}; write a, b or c
2: count: is the value of ${SECRET}; write a number from 1 to 10
3: flag: is the value of ${SECRET}; write true or false
4: time: the value of ${SECRET} is not a time; write it as 30s, 5m, 2h or 30d
5: file: there is no file the value of ${SECRET}; write its path, from the folder of this file or from /`},
		{"an empty secret", "secret: ''\n", "1: secret: is empty; write the secret, or leave the key out"},
		{"a secret twice", "secret: a\nsecret_file: b\n", `2: secret_file: stands beside secret; keep one of the two
2: secret_file: there is no file "b"; write its path, from the folder of this file or from /`},
		{"a file that is none", "file: /dev/null\n", `1: file: "/dev/null" is not a file; name one`},
		{"in the order of the lines", "flag: 1\ntext: []\ncount: x\n", `1: flag: is "1"; write true or false
2: text: is a list; write a single value
3: count: is "x"; write a number from 1 to 10`},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			for _, p := range read(row.text).Problems() {
				got = append(got, strings.TrimPrefix(p.String(), "a.yaml:"))
			}
			if joined := strings.Join(got, "\n"); joined != row.want {
				t.Errorf("got\n%s\nwant\n%s", joined, row.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	d := document.Parse("a.yaml", []byte("text: 010\nflag: true\ncount: 7\ntime: 1d12h\nchoice: b\nlist: [yes, 1.0]\nhost: ${HOST}\n"), environment)
	root := d.Root()
	if got := root.Value("text").Text(); got != "010" {
		t.Errorf("a text is %q, not as it is written", got)
	}
	if !root.Value("flag").Flag(false) || root.Value("count").Count(1, 1, 10) != 7 || root.Value("choice").Choice("a", "a", "b") != "b" {
		t.Error("a flag, a count or a choice is not what is written")
	}
	if got := root.Value("time").Duration(0, 0, 48*time.Hour); got != 36*time.Hour {
		t.Errorf("1d12h is %s", got)
	}
	if got := root.Value("list").Texts(); !slices.Equal(got, []string{"yes", "1.0"}) {
		t.Errorf("a list is %q", got)
	}
	if got := root.Value("host").Text(); got != "host.example" {
		t.Errorf("a variable is %q", got)
	}
	if got := root.Section("nowhere").Value("x").Duration(time.Minute, 0, time.Hour); got != time.Minute {
		t.Errorf("what is not there is %s, not its fallback", got)
	}
	if problems := d.Problems(); len(problems) > 0 {
		t.Error(problems)
	}
	if known := d.Known(); !slices.Contains(known, "nowhere.x") || !slices.Contains(known, "time") {
		t.Errorf("known: %q", known)
	}
}

func TestDurationsPrintAsTheyAreWritten(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", time.Minute: "1m", 2 * time.Hour: "2h", 48 * time.Hour: "2d", 25 * time.Hour: "25h",
		time.Hour + 10*time.Second: "1h0m10s", 10 * time.Minute: "10m", 1500 * time.Millisecond: "1.5s",
	} {
		if got := document.Duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
