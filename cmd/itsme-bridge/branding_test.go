package main_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the guide of the pages' look writes is taken, all of it together, and check says what
// the guide says of it.
func TestTheGuideOfTheLookIsTaken(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join(root, "deploy/BRANDING.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]string{}
	for _, f := range fencesOf(string(guide)) {
		blocks[f.info] = f.text
	}
	folder := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "look"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"look/logo.svg", "look/logo-dark.svg", "look/itsme.svg"} {
		put(name, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path d="M0 0h120v40H0z"/></svg>`)
	}
	var icon bytes.Buffer
	if err := png.Encode(&icon, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	put("look/icon.png", icon.String())

	example, err := os.ReadFile(filepath.Join(root, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{blocks["yaml file=config.yaml"], blocks["yaml file=mark.yaml"], blocks["yaml file=client.yaml"]}
	for i, part := range parts {
		if part == "" {
			t.Fatalf("block %d of the guide is gone", i)
		}
	}
	const entry = "  - id: example\n"
	text := strings.Replace(string(example), entry, entry+parts[2], 1)
	put("config.yaml", text+"\n"+parts[0]+parts[1])
	code, stdout, stderr := run(t, "check", "--offline", "--config", filepath.Join(folder, "config.yaml"))
	if code != 0 {
		t.Fatalf("check: %d\n%s", code, stderr)
	}
	said := strings.TrimSuffix(blocks["text"], "\n")
	if said == "" || !strings.Contains(stdout, said+"\n") {
		t.Errorf("check does not say\n%s\nbut\n%s", said, stdout)
	}
	if !strings.Contains(stdout, "example: #7a1f5c on buttons, with #ffffff on it; as text as it is on light pages, and #") {
		t.Errorf("check says nothing of the client's accent:\n%s", stdout)
	}
	code, stdout, stderr = run(t, "client", "explain", "example", "--config", filepath.Join(folder, "config.yaml"))
	if want := "pages                of Library of Example, with the accent #7a1f5c"; code != 0 || !strings.Contains(stdout, want+"\n") {
		t.Errorf("explain does not say %q: %d %s\n%s", want, code, stderr, stdout)
	}
}
