package config_test

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/provider/pages"
)

const logoSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><path d="M0 0h120v40H0z"/></svg>`

// pictures is a folder of them.
func pictures(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	drawn := func(name string, width, height int) {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		PutFile(t, filepath.Join(folder, name), b.String(), 0o644)
	}
	drawn("dark.png", 240, 80)
	drawn("icon.png", 64, 64)
	drawn("mark.png", 48, 48)
	PutFile(t, filepath.Join(folder, "logo.svg"), logoSVG, 0o644)
	PutFile(t, filepath.Join(folder, "evil.svg"), strings.Replace(logoSVG, "<path", `<script/><path`, 1), 0o644)
	PutFile(t, filepath.Join(folder, "nl.yaml"), "# own words\nexpired.title: Te laat\ncancelled.what: '{app} weet van niets.'\n", 0o644)
	PutFile(t, filepath.Join(folder, "wrong.yaml"), "expired.title: Trop tard\nexpired.titel: Te laat\ncancelled.what: Rien.\nfailed.title: ''\nlate.title: <b>x</b>\nlate.what: ${HOME}\nlate.title: y\n", 0o644)
	PutFile(t, filepath.Join(folder, "list.yaml"), "- a\n", 0o644)
	PutFile(t, filepath.Join(folder, "big.png"), strings.Repeat("x", pages.MaxImage+1), 0o644)
	return folder
}

// inFolder reads a configuration that stands in a folder.
func inFolder(folder, text string) (*config.Config, error) {
	return config.Parse(filepath.Join(folder, "a.yaml"), []byte(text), Environment)
}

func TestWhatPagesBecome(t *testing.T) {
	folder := pictures(t)
	c, err := inFolder(folder, Change(t, base, scopesLine, scopesLine+`    pages:
      logo_file: dark.png
      accent: "#ffe615"
      links: []
`)+`pages:
  name: Stad Voorbeeld
  home: https://www.example.be/
  logo_file: logo.svg
  logo_dark_file: dark.png
  icon_file: icon.png
  accent: "#0e5a63"
  support: {url: "http://127.0.0.1/help", phone: +32 2 555 12 34, mail: help@example.be}
  privacy: https://www.example.be/privacy
  accessibility: https://www.example.be/accessibility
  links:
    - {url: "https://www.example.be/cookies", label: Cookies}
    - {url: "https://www.example.be/terms", labels: {en: Terms, nl: Voorwaarden, fr: Conditions, de: Bedingungen}}
  words: {nl: nl.yaml}
  itsme: {mark_file: mark.png, mark_height: 28, button_color: "#fff", button_text_color: "#000000"}
`)
	if err != nil {
		t.Fatal(err)
	}
	black, white := pages.Colour{}, pages.Colour{Red: 255, Green: 255, Blue: 255}
	got := c.Looks.Operator
	if got.Logo == nil || got.Logo.Type != "image/svg+xml" || got.LogoDark == nil || got.LogoDark.Width != 240 || got.Icon == nil || got.Itsme == nil || got.Itsme.Image.Width != 48 {
		t.Fatalf("pictures: %+v", got)
	}
	want := pages.Look{
		Name: "Stad Voorbeeld", Home: "https://www.example.be/", Logo: got.Logo, LogoDark: got.LogoDark, Icon: got.Icon,
		Accent:  pages.PaletteOf(pages.Colour{Red: 0x0e, Green: 0x5a, Blue: 0x63}),
		Support: pages.Support{URL: "http://127.0.0.1/help", Phone: "+32 2 555 12 34", Mail: "help@example.be"},
		Privacy: "https://www.example.be/privacy", Accessibility: "https://www.example.be/accessibility",
		Links: []pages.Link{
			{URL: "https://www.example.be/cookies", Labels: map[string]string{"": "Cookies"}},
			{URL: "https://www.example.be/terms", Labels: map[string]string{"en": "Terms", "nl": "Voorwaarden", "fr": "Conditions", "de": "Bedingungen"}},
		},
		Itsme: &pages.Mark{Image: got.Itsme.Image, Height: 28, Button: white, Text: black},
		Words: pages.WordsWith(map[string]map[string]string{"nl": {"expired.title": "Te laat", "cancelled.what": "{app} weet van niets."}}),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	own := c.Looks.Clients["app"]
	if own.Name != "The app" || own.Logo == nil || own.Logo.Width != 240 || own.Links == nil || len(own.Links) != 0 || own.Accent.Fill.String() != "#ffe615" {
		t.Errorf("the client's: %+v", own)
	}
	said := c.Accents()
	if len(said) != 2 || !strings.HasPrefix(said[0], "#0e5a63 on buttons, with #ffffff on it; as text as it is on light pages, and #") ||
		!strings.HasPrefix(said[1], "app: #ffe615 on buttons, with #000000 on it; as text #") || !strings.HasSuffix(said[1], " on light pages, where it could not be read, and as it is on dark pages") {
		t.Errorf("what becomes of the accents: %q", said)
	}
	for _, name := range []string{"nl.yaml", "logo.svg", "dark.png", "icon.png", "mark.png"} {
		found := false
		for _, f := range c.Files() {
			found = found || f.Name == filepath.Join(folder, name)
		}
		if !found {
			t.Errorf("%s is not among the files", name)
		}
	}
}

func TestPagesThatAreRefused(t *testing.T) {
	folder := pictures(t)
	many := strings.Repeat("{url: 'https://www.example.be/', label: x}, ", 7)
	for _, row := range []struct{ name, pages, want string }{
		{"a script in the logo", "name: A\n  logo_file: evil.svg", `24: pages.logo_file: the file "evil.svg" is an SVG with <script> in it, which no browser shows in a picture; save it as plain SVG, or as PNG`},
		{"too big a logo", "name: A\n  logo_file: big.png", `24: pages.logo_file: the file "big.png" has 102401 bytes; make it smaller than 102400, since people wait for it`},
		{"no logo there", "name: A\n  logo_file: none.png", `24: pages.logo_file: there is no file "none.png"; write its path, from the folder of this file or from /`},
		{"no picture", "name: A\n  logo_file: a.yaml", `24: pages.logo_file: the file "a.yaml" is neither PNG, JPEG nor SVG; the beginning looks like a text, and it is no SVG that can be read: save it as plain SVG, or as PNG`},
		{"no square", "icon_file: dark.png", `23: pages.icon_file: the file "dark.png" has 240 × 80 pixels, and an icon is a square; cut it so`},
		{"a logo without a name", "logo_file: logo.svg", "22: pages.name: is missing, and logo_file needs one: whoever cannot see a picture or follow a link is told it; write who runs this, as people know them"},
		{"a home without a name", "home: https://www.example.be/", "22: pages.name: is missing, and home needs one: whoever cannot see a picture or follow a link is told it; write who runs this, as people know them"},
		{"a logo for the dark alone", "name: A\n  logo_dark_file: dark.png", "24: pages.logo_dark_file: stands without logo_file, which is shown where the scheme is light; write that, too"},
		{"an empty name", "name: ' '", "23: pages.name: is not up to 100 characters on one line; write who runs this, as people know them"},
		{"a home by http", "name: A\n  home: http://www.example.be/", "24: pages.home: is http, and only loopback may be; write https://"},
		{"a script for a link", "privacy: 'javascript:alert(1)'", "23: pages.privacy: is neither https nor http; write https://"},
		{"an app's address", "accessibility: be.example.app:/x", "23: pages.accessibility: is neither https nor http; write https://"},
		{"no colour", "accent: teal", `23: pages.accent: "teal" is no colour; write six hexadecimal digits with # before them, in quotes, such as "#0e5a63"`},
		{"a colour that breaks out", `accent: "#fff;}</style>"`, `23: pages.accent: "#fff;}</style>" is no colour; write six hexadecimal digits with # before them, in quotes, such as "#0e5a63"`},
		{"no number", "support: {phone: call us}", `23: pages.support.phone: "call us" is no telephone number; write it as people read it, such as +32 2 555 12 34, without a word beside it`},
		{"no mail address", "support: {mail: 'a@b.be?cc=c@d.be'}", `23: pages.support.mail: "a@b.be?cc=c@d.be" is no plain mail address; write such as help@example.be`},
		{"a tel: for a link", "support: {url: 'tel:112'}", "23: pages.support.url: is neither https nor http; write https://"},
		{"a link without a label", "links: [{url: 'https://www.example.be/'}]", "23: pages.links[0].label: is missing; write what the link is called in every language, or labels: {en: …, nl: …, fr: …, de: …}"},
		{"a link without an address", "links: [{label: x}]", "23: pages.links[0].url: is missing; write where the link leads"},
		{"a link with both", "links: [{url: 'https://www.example.be/', label: x, labels: {en: a, nl: b, fr: c, de: d}}]", "23: pages.links[0].label: stands beside labels; keep one of them"},
		{"a language left out", "links: [{url: 'https://www.example.be/', labels: {en: a, nl: b, fr: c}}]", "23: pages.links[0].labels.de: is missing; write what the link is called there"},
		{"too many links", "links: [" + many + "]", "23: pages.links: has 7 links, and more than 6 at the foot of a page hide each other; leave some out"},
		{"half a mark", "itsme: {mark_file: mark.png, button_color: '#fff'}", "23: pages.itsme.button_text_color: is missing; write the colour of what is written on the button, as itsme's guide has it"},
		{"a mark nobody can read", "itsme: {mark_file: mark.png, button_color: '#fff', button_text_color: '#ff4612'}", "23: pages.itsme.button_text_color: has a contrast of 3.4 to button_color, and text needs 4.5 (WCAG 2.2 §1.4.3); write another that the guide allows, such as #000000"},
		{"a mark as high as a page", "itsme: {mark_file: mark.png, mark_height: 65, button_color: '#fff', button_text_color: '#000'}", `23: pages.itsme.mark_height: is "65"; write a number from 16 to 64`},
		{"no words there", "words: {nl: none.yaml}", `23: pages.words.nl: there is no file "none.yaml"; write its path, from the folder of this file or from /`},
		{"words of a language that we do not speak", "words: {es: nl.yaml}", "23: pages.words.es: unknown key; did you mean en?"},
		{"words that are a list", "words: {nl: list.yaml}", filepath.Join(folder, "list.yaml") + ":1: is a list; write key: value, each on a line of its own"},
		{"words that are wrong", "words: {fr: wrong.yaml}", wrongWords(filepath.Join(folder, "wrong.yaml"))},
		{"a key that is not there", "acent: '#fff'", "23: pages.acent: unknown key; did you mean accent?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			PutFile(t, filepath.Join(folder, "a.yaml"), "hello", 0o600)
			_, err := inFolder(folder, base+"pages:\n  "+row.pages+"\n")
			if got := strings.ReplaceAll(Problems(t, err), filepath.Join(folder, "a.yaml")+":", ""); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// wrongWords is what is wrong with wrong.yaml: each thing with its line.
func wrongWords(file string) string {
	var lines []string
	for _, line := range []string{
		`2: "expired.titel": unknown key; did you mean expired.title?`,
		`3: "cancelled.what": must hold {app}, as it is written here, and no other braces`,
		`4: "failed.title": is empty, and people need what it says; say it in other words, or leave the key out`,
		`5: "late.title": has < or >, and a sentence is no markup; write it without`,
		`6: "late.what": the environment variable HOME is not set; set it, or write the value here`,
		`7: "late.title": is given twice; keep this or the one on line 5`,
	} {
		lines = append(lines, file+":"+line)
	}
	return strings.Join(lines, "\n")
}

// What is wrong with the pages of a client is said at its place; they have no mark of their own.
func TestPagesOfAClientThatAreRefused(t *testing.T) {
	refused(t, []difference{
		{"no colour", scopesLine, scopesLine + "    pages: {accent: '#ggg'}\n", `22: clients[0].pages.accent: "#ggg" is no colour; write six hexadecimal digits with # before them, in quotes, such as "#0e5a63"`},
		{"a mark", scopesLine, scopesLine + "    pages: {itsme: {}}\n", "22: clients[0].pages.itsme: unknown key; did you mean itsme?"},
		{"not a section", scopesLine, scopesLine + "    pages: nice\n", "22: clients[0].pages: is a single value; write key: value, each on a line of its own"},
	})
}
