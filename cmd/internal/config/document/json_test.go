package document_test

import (
	"path/filepath"
	"testing"

	"itsme-bridge/cmd/internal/config/document"
)

func TestJSON(t *testing.T) {
	for _, row := range []struct{ name, text, want, problem string }{
		{"a text", "x", `"x"`, ""},
		{"a number is a text", "2026", `"2026"`, ""},
		{"a flag is a text", "true", `"true"`, ""},
		{"from the environment", "${HOST}", `"host.example"`, ""},
		{"a list", "[a, [b], {c: d}]", `["a",["b"],{"c":"d"}]`, ""},
		{"an empty list", "[]", `[]`, ""},
		{"a section", `{b: "2", a: {"x5t#S256": y}}`, `{"a":{"x5t#S256":"y"},"b":"2"}`, ""},
		{"JSON itself", `{"keys": [{"kty": "OKP", "n": null}]}`, "", "a.yaml:1: v.keys[0].n: has no value; write one, or leave the key out"},
		{"nothing below", "{a: [b, ~]}", "", "a.yaml:1: v.a[1]: has no value; write one, or leave the key out"},
		{"nothing", "", "", "a.yaml:1: v: has no value; write one, or leave the key out"},
		{"a variable that is not there", "{a: '${NOWHERE}'}", "", "a.yaml:1: v.a: the environment variable NOWHERE is not set; set it, or write the value here"},
		{"a key that is a list", "{[a]: b}", "", "a.yaml:1: v: holds a key that is not a plain word; write key: value"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := document.Parse("a.yaml", []byte("v: "+row.text+"\n"), environment)
			got, ok := d.Root().Value("v").JSON()
			if string(got) != row.want || ok != (row.want != "") {
				t.Errorf("got %s, %t, want %s", got, ok, row.want)
			}
			problem := ""
			for _, p := range d.Problems() {
				problem += p.String()
			}
			if problem != row.problem {
				t.Errorf("said %q, want %q", problem, row.problem)
			}
		})
	}
	if got, ok := document.Parse("a.yaml", []byte("a: b\n"), environment).Root().Value("v").JSON(); ok {
		t.Errorf("made of nothing: %s", got)
	}
}

func TestContent(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "there"), "text\n", 0o644)
	d := document.Parse(filepath.Join(folder, "a.yaml"), []byte("there: there\nmissing: nowhere\n"), environment)
	if got, ok := d.Root().Value("there").Content(); string(got) != "text\n" || !ok {
		t.Errorf("%q, %t", got, ok)
	}
	for _, key := range []string{"missing", "none"} {
		if got, ok := d.Root().Value(key).Content(); got != nil || ok {
			t.Errorf("%s: %q, %t", key, got, ok)
		}
	}
	if p := d.Problems(); len(p) != 1 || p[0].Path != "missing" {
		t.Errorf("said %v", p)
	}
}
