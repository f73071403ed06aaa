package pages_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// The contrast that WCAG 2.2 asks for at level AA: 4.5 for text (§1.4.3), 3 for what
// shows where a button is and how things stand (§1.4.11).
func TestContrast(t *testing.T) {
	style, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := regexp.MustCompile(`(?s)(?:^|dark\) {\s*):root {(.*?)}`).FindAllSubmatch(style, -1)
	if len(schemes) != 2 {
		t.Fatalf("%d colour schemes, not a light and a dark one", len(schemes))
	}
	for _, scheme := range schemes {
		colour := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([\w-]+): #(\w{6});`).FindAllSubmatch(scheme[1], -1) {
			colour[string(m[1])] = luminance(t, string(m[2]))
		}
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "paper", 4.5},
			{"quiet", "paper", 4.5},
			{"accent", "paper", 4.5},
			{"on-accent", "accent", 4.5},
			{"edge", "paper", 3},
			{"good", "paper", 3},
			{"bad", "paper", 3},
		} {
			a, b := colour[pair.front], colour[pair.back]
			if ratio := (math.Max(a, b) + .05) / (math.Min(a, b) + .05); ratio < pair.least {
				t.Errorf("%s on %s: %.1f", pair.front, pair.back, ratio)
			}
		}
	}
}

// luminance is the relative luminance of a colour, as WCAG 2.2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	return .2126*linear(16) + .7152*linear(8) + .0722*linear(0)
}
