package pages

import (
	"html/template"
	"sort"
)

// readable is the contrast that text needs (WCAG 2.2 §1.4.3). What is no text, as the
// edge of a button and the ring of the focus, needs 3 (§1.4.11) and has as much.
const readable = 4.5

// Palette is what becomes of an accent: the colours that replace those of style.css.
type Palette struct {
	Fill   Colour // of the main button: the accent as it was given
	OnFill Colour // what is written on it

	Light, Dark Scheme
}

// Scheme is the accent in one colour scheme.
type Scheme struct {
	Accent   Colour // of text and lines on the page's paper
	OnAccent Colour // of what is written on the accent
}

// The colours of style.css on which an accent is seen.
var (
	white      = Colour{255, 255, 255}
	black      = Colour{}
	lightPaper = Colour{0xfb, 0xfa, 0xf7}
	darkPaper  = Colour{0x14, 0x18, 0x1b}
)

// PaletteOf makes the palette of an accent. Any colour will do: where it cannot be read on
// the paper of a scheme, its text and lines are darkened or lightened, no more than needed.
func PaletteOf(accent Colour) *Palette {
	p := &Palette{
		Fill: accent, OnFill: white,
		Light: Scheme{accent.until(lightPaper, black), white},
		Dark:  Scheme{accent.until(darkPaper, white), darkPaper},
	}
	if Contrast(p.OnFill, p.Fill) < readable {
		p.OnFill = black // readable where white is not: the contrasts of the two, multiplied, are 21
	}
	return p
}

// until is the colour with as little of black or white in it as makes it readable on a paper.
func (c Colour) until(paper, towards Colour) Colour {
	const steps = 256
	mixed := func(i int) Colour { return c.mixed(towards, float64(i)/steps) }
	return mixed(sort.Search(steps, func(i int) bool { return Contrast(mixed(i), paper) >= readable }))
}

// css are the properties of style.css that the palette sets. Nothing of it is anybody's
// text: it is made of numbers.
func (p *Palette) css() template.CSS {
	if p == nil {
		return ""
	}
	set := func(s Scheme) string {
		return ":root { --accent: " + s.Accent.String() + "; --on-accent: " + s.OnAccent.String() + "; }"
	}
	return template.CSS( //nolint:gosec // G203: colours print as # and digits
		set(p.Light) + "\n@media (prefers-color-scheme: dark) { " + set(p.Dark) + " }\n" +
			":root { --fill: " + p.Fill.String() + "; --on-fill: " + p.OnFill.String() + "; }\n")
}

// css are the colours of the button with itsme's mark.
func (m *Mark) css() template.CSS {
	return template.CSS( //nolint:gosec // G203: colours print as # and digits
		":root { --fill: " + m.Button.String() + "; --on-fill: " + m.Text.String() + "; }\n")
}
