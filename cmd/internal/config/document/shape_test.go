package document_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config/document"
)

// What is asked of a document is known afterwards, whether it was there or not.
func TestShapes(t *testing.T) {
	d := document.Record("a.yaml", []byte("clients: [{id: a}]\n"))
	root := d.Root()
	root.Missing("name", "write one")
	root.Value("name").Text()
	root.Value("mode").Choice("", "one", "two")
	root.Value("mode").Choice("", "two", "three")
	root.Section("times").Value("wait").Duration(0, 0, time.Hour)
	root.Section("times").Value("tries").Count(1, 1, 9)
	root.Value("on").Flag(false)
	root.Value("list").Items()
	_, at := root.Secret("key")
	at.Missing("make one")
	root.Value("more").JSON()
	for _, s := range root.Sections("clients") {
		s.Value("id").Text()
	}
	root.Has("unread")
	kinds := func(k ...document.Kind) []document.Kind { return k }
	want := map[string]document.Shape{
		"name":         {Kinds: kinds(document.KindText), Required: true},
		"mode":         {Kinds: kinds(document.KindChoice), Choices: []string{"one", "two", "three"}},
		"times":        {Kinds: kinds(document.KindSection)},
		"times.wait":   {Kinds: kinds(document.KindDuration)},
		"times.tries":  {Kinds: kinds(document.KindCount), Least: 1, Most: 9},
		"on":           {Kinds: kinds(document.KindFlag)},
		"list":         {Kinds: kinds(document.KindList)},
		"key":          {Kinds: kinds(document.KindSecret), Required: true},
		"key_file":     {Kinds: kinds(document.KindFile)},
		"more":         {Kinds: kinds(document.KindJSON)},
		"clients":      {Kinds: kinds(document.KindList)},
		"clients[]":    {Kinds: kinds(document.KindSection)},
		"clients[].id": {Kinds: kinds(document.KindText)},
		"unread":       {},
	}
	for path, got := range d.Shapes() {
		if !reflect.DeepEqual(got, want[path]) {
			t.Errorf("%s: %+v, want %+v", path, got, want[path])
		}
	}
	if len(d.Shapes()) != len(want) {
		t.Errorf("%d of %d paths", len(d.Shapes()), len(want))
	}
}

// A secret that is required stands under its own name, wherever this document has it.
// Nothing that a recorded document names is looked at.
func TestARecordedDocumentTouchesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hidden"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := []byte("key_file: " + file + "\n")
	read := func(d *document.Document) document.Secret {
		secret, at := d.Root().Secret("key")
		at.Missing("make one")
		return secret
	}
	d := document.Record("a.yaml", text)
	if secret := read(d); secret.Given() {
		t.Errorf("it has read %q", secret.Reveal())
	}
	if !d.Shapes()["key"].Required || d.Shapes()["key_file"].Required {
		t.Errorf("%+v", d.Shapes())
	}
	if secret := read(document.Parse("a.yaml", text, nil)); secret.Reveal() != "hidden" {
		t.Error("one that is not recorded does not read it: this test cannot fail")
	}
}
