package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config/configtest"
)

// A reload brings other looks and reads their files again; one that has a broken file
// changes nothing, and says which it is.
func TestReloadBringsLooks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "logo.svg")
	drawn := func(colour string) {
		configtest.PutFile(t, file, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path fill="`+colour+`" d="M0 0h8v4H0z"/></svg>`, 0o644)
	}
	pages := func(name string) string { return "pages: {name: " + name + ", logo_file: " + file + "}\n" + local }
	drawn("red")
	b := running(t, func(string) string { return pages("Stad Voorbeeld") })
	logo := func(name string) string {
		t.Helper()
		page := b.Browser().Get(b.Issuer + "/nowhere")
		found := regexp.MustCompile(`<img src="(/itsme/look/\w+)"[^>]* alt="` + name + `"`).FindStringSubmatch(page.Body)
		if found == nil {
			t.Fatalf("no logo of %s on\n%s", name, page.Body)
		}
		answer := b.Browser().Get(b.Issuer + found[1])
		if answer.Status != http.StatusOK {
			t.Errorf("the logo: %d", answer.Status)
		}
		return answer.Body
	}
	if body := logo("Stad Voorbeeld"); !strings.Contains(body, "red") {
		t.Errorf("the first logo is %s", body)
	}

	drawn("blue") // of another file nobody says anything: it has the same name
	b.file.write(pages("Stad Elders"))
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	if line := b.journal.await(t, "configuration reloaded"); line["needs_restart"] != nil {
		t.Errorf("looks need no restart: %v", line)
	}
	if body := logo("Stad Elders"); !strings.Contains(body, "blue") {
		t.Errorf("after a reload the logo is %s", body)
	}

	if err := os.WriteFile(file, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := configtest.Problems(t, b.Reload()); !strings.Contains(got, "pages.logo_file: the file \""+file) {
		t.Errorf("a broken file: %s", got)
	}
	if body := logo("Stad Elders"); !strings.Contains(body, "blue") {
		t.Errorf("after a reload that was refused the logo is %s", body)
	}
}

// A reload reads own words again; a file that is wrong changes nothing, and is named with its line.
func TestReloadBringsOwnWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words.yaml")
	configtest.PutFile(t, file, "not_found.title: Nothing is here\n", 0o644)
	b := running(t, func(string) string { return "pages: {words: {en: " + file + "}}\n" + local })
	says := func(title string) {
		t.Helper()
		if page := b.Browser().Get(b.Issuer + "/nowhere"); !strings.Contains(page.Body, "<h1>"+title+"</h1>") {
			t.Errorf("the page does not say %q:\n%s", title, page.Body)
		}
	}
	says("Nothing is here")
	configtest.PutFile(t, file, "not_found.title: Nothing is there\n", 0o644)
	if err := b.Reload(); err != nil {
		t.Fatal(err)
	}
	says("Nothing is there")
	configtest.PutFile(t, file, "\nnot_found.title: ''\n", 0o644)
	if got := configtest.Problems(t, b.Reload()); !strings.Contains(got, file+`:2: "not_found.title": is empty`) {
		t.Errorf("a broken file: %s", got)
	}
	says("Nothing is there")
}
