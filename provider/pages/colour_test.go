package pages_test

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

func colour(t *testing.T, text string) pages.Colour {
	t.Helper()
	c, ok := pages.ParseColour(text)
	if !ok {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

func TestParseColour(t *testing.T) {
	for text, want := range map[string]string{"#0e5a63": "#0e5a63", "#FFE615": "#ffe615", "#fa0": "#ffaa00", "#000": "#000000"} {
		if got := colour(t, text).String(); got != want {
			t.Errorf("%s is %s, not %s", text, got, want)
		}
	}
	for _, text := range []string{"", "#", "0e5a63", "#0e5a6", "#0e5a633", "#0e5a63ff", "#ggg", "#+12", "#-12345", "#0x1234", "red", "#12_345", "#000}", "#é1"} {
		if c, ok := pages.ParseColour(text); ok {
			t.Errorf("%q is %s", text, c)
		}
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want float64
	}{
		{"#000", "#fff", 21}, {"#fff", "#000", 21}, {"#777", "#777", 1}, {"#767676", "#fff", 4.54}, {"#0000ff", "#fff", 8.59}, {"#ff0000", "#fff", 4},
	} {
		if got := pages.Contrast(colour(t, row.a), colour(t, row.b)); math.Abs(got-row.want) > .01 {
			t.Errorf("%s on %s: %.2f, not %.2f", row.a, row.b, got, row.want)
		}
	}
}

// papers are those of style.css, light and dark.
func papers(t *testing.T) (light, dark pages.Colour) {
	t.Helper()
	style, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`--paper: (#\w{6});`).FindAllStringSubmatch(string(style), -1)
	if len(found) != 2 {
		t.Fatalf("%d papers in style.css, not a light and a dark one", len(found))
	}
	return colour(t, found[0][1]), colour(t, found[1][1])
}

// Whatever accent somebody chooses, what is written with it and on it can be read in both
// schemes (WCAG 2.2 §1.4.3), and edges and the focus are seen (§1.4.11).
func TestEveryAccentCanBeRead(t *testing.T) {
	light, dark := papers(t)
	n := 0
	for red := 0; red < 256; red += 17 {
		for green := 0; green < 256; green += 17 {
			for blue := 0; blue < 256; blue += 17 {
				accent := pages.Colour{Red: uint8(red), Green: uint8(green), Blue: uint8(blue)}
				p := pages.PaletteOf(accent)
				for what, ratio := range map[string]float64{
					"the accent on light paper": pages.Contrast(p.Light.Accent, light),
					"the accent on dark paper":  pages.Contrast(p.Dark.Accent, dark),
					"on the accent, light":      pages.Contrast(p.Light.OnAccent, p.Light.Accent),
					"on the accent, dark":       pages.Contrast(p.Dark.OnAccent, p.Dark.Accent),
					"on the button":             pages.Contrast(p.OnFill, p.Fill),
				} {
					if ratio < 4.5 {
						t.Errorf("%s: %s has %.2f", accent, what, ratio)
					}
				}
				if p.Fill != accent {
					t.Errorf("%s: the button is %s", accent, p.Fill)
				}
				n++
			}
		}
	}
	if n != 16*16*16 {
		t.Errorf("%d colours", n)
	}
}

func TestAnAccentIsChangedNoMoreThanNeeded(t *testing.T) {
	light, dark := papers(t)
	for _, row := range []struct{ accent, light, dark string }{
		{"#0e5a63", "#0e5a63", ""}, // dark enough for light paper as it is
		{"#ffe615", "", "#ffe615"}, // light enough for dark paper as it is
		{"#808080", "", ""},        // for neither, barely
	} {
		p := pages.PaletteOf(colour(t, row.accent))
		for _, scheme := range []struct {
			name, want string
			got        pages.Colour
			paper      pages.Colour
		}{{"light", row.light, p.Light.Accent, light}, {"dark", row.dark, p.Dark.Accent, dark}} {
			switch ratio := pages.Contrast(scheme.got, scheme.paper); {
			case scheme.want != "" && scheme.got.String() != scheme.want:
				t.Errorf("%s, %s: %s, not %s", row.accent, scheme.name, scheme.got, scheme.want)
			case scheme.want == "" && ratio > 4.8 && pages.Contrast(colour(t, row.accent), scheme.paper) < 4.5:
				t.Errorf("%s, %s: %s has %.2f", row.accent, scheme.name, scheme.got, ratio)
			}
		}
	}
	// The hue stays: yellow becomes a dark yellow, not grey.
	if c := pages.PaletteOf(colour(t, "#ffe615")).Light.Accent; c.Red <= c.Blue*2 || c.Green <= c.Blue*2 {
		t.Errorf("yellow became %s", c)
	}
}

// What the palette replaces is there, and no other accent is left over; but who
// forces colours gets those.
func TestAnAccentReplacesThatOfThePages(t *testing.T) {
	p := pages.PaletteOf(colour(t, "#c60c30"))
	_, body := show(t, 200, pages.Page{Kind: pages.Continue, Look: &pages.Look{Accent: p}})
	_, style, _ := strings.Cut(body, "<style")
	style, _, _ = strings.Cut(style, "</style>")
	forced := regexp.MustCompile(`(?s)@media \(forced-colors: active\) \{\s+html:root \{[^}]*--accent: CanvasText;[^}]*--fill: CanvasText;[^}]*\}`)
	if !forced.MatchString(style) {
		t.Errorf("an accent wins over forced colours:\n%s", style)
	}
	style = forced.ReplaceAllString(style, "")
	last := func(property string) []string {
		return regexp.MustCompile(property+`: ([^;]+);`).FindAllString(style, -1)
	}
	for property, want := range map[string][]string{
		"--accent":    {p.Light.Accent.String(), p.Dark.Accent.String()},
		"--on-accent": {p.Light.OnAccent.String(), p.Dark.OnAccent.String()},
	} {
		all := last(property)
		if len(all) != 4 || all[2] != property+": "+want[0]+";" || all[3] != property+": "+want[1]+";" {
			t.Errorf("%s: %q, not ending in %q", property, all, want)
		}
	}
	if !strings.Contains(style, "--fill: #c60c30; --on-fill: "+p.OnFill.String()+";") {
		t.Errorf("the button is not of the accent:\n%s", style)
	}
}
