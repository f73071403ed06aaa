package pages

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colour is one of sRGB.
type Colour struct{ Red, Green, Blue uint8 }

// ParseColour reads #rrggbb or #rgb, as CSS writes them.
func ParseColour(text string) (c Colour, ok bool) {
	digits, ok := strings.CutPrefix(text, "#")
	if ok && len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || len(digits) != 6 || err != nil {
		return c, false
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true //nolint:gosec // G115: each takes the byte that it stands for
}

// String is the colour as #rrggbb.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.Red, c.Green, c.Blue) }

// Contrast is the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
func Contrast(a, b Colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + veil) / (dark + veil)
}

// veil is what WCAG adds for the light that falls on every screen.
const veil = .05

// luminance is the relative luminance of a colour (WCAG 2.2, "relative luminance").
func (c Colour) luminance() float64 {
	return .2126*linear(c.Red) + .7152*linear(c.Green) + .0722*linear(c.Blue)
}

// linear is the light of a channel, from 0 to 1.
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= .04045 {
		return v / 12.92
	}
	return math.Pow((v+.055)/1.055, 2.4)
}

// channel is the channel of a light.
func channel(light float64) uint8 {
	v := 12.92 * light
	if light > .0031308 {
		v = 1.055*math.Pow(light, 1/2.4) - .055
	}
	return uint8(math.Round(255 * max(0, min(1, v))))
}

// mixed is a colour with as much light of another in it as part says, from 0 to 1.
func (c Colour) mixed(with Colour, part float64) Colour {
	mix := func(a, b uint8) uint8 { return channel((1-part)*linear(a) + part*linear(b)) }
	return Colour{mix(c.Red, with.Red), mix(c.Green, with.Green), mix(c.Blue, with.Blue)}
}
