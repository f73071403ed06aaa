//go:build e2e

package main_test

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"itsme-bridge/provider/providertest/chromium"
)

// TestScreenshot takes the picture of the README:
//
//	ITSME_DEMO_SCREENSHOT=$PWD/cmd/itsme-demo/screenshot.png go test -tags e2e -run Screenshot ./cmd/itsme-demo
//
// Otherwise it only sees that it could.
func TestScreenshot(t *testing.T) {
	file, args := os.Getenv("ITSME_DEMO_SCREENSHOT"), []string{"--port", "8080"}
	if file == "" {
		file, args = filepath.Join(t.TempDir(), "screenshot.png"), nil
	}
	p, b := started(t, args...), browser(t)
	b.Do(chromedp.EmulateViewport(1200, 900))
	p.begin(b)
	b.Press(chromium.Approval)
	b.See(claims)
	picture, err := png.Decode(bytes.NewReader(chromium.Run(b, chromedp.FullScreenshot(100))))
	if err != nil {
		t.Fatal(err)
	}
	if width := picture.Bounds().Dx(); width != 1200 {
		t.Errorf("the page is %d pixels wide: it does not fit", width)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, fewColours(picture)); err != nil {
		t.Fatal(err)
	}
	if small.Len() > 150<<10 {
		t.Errorf("the picture has %d KB", small.Len()>>10)
	}
	if err := os.WriteFile(file, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fewColours paints a picture with at most 256 of its own colours: the 128 that
// it has most of, and, of the others that hardly differ, one for all.
func fewColours(from image.Image) image.Image {
	count := map[color.Color]int{}
	each(from, func(x, y int) { count[from.At(x, y)]++ })
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return cmp.Compare(count[b], count[a]) })
	var palette color.Palette
	kept := map[[3]uint32]bool{}
	for i, c := range all {
		r, g, b, _ := c.RGBA()
		shade := [3]uint32{r >> 12, g >> 12, b >> 12}
		if i < 128 || !kept[shade] && len(palette) < 256 {
			palette = append(palette, c)
		}
		kept[shade] = true
	}
	nearest := map[color.Color]uint8{}
	for c := range count {
		nearest[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(from.Bounds(), palette)
	each(from, func(x, y int) { to.SetColorIndex(x, y, nearest[from.At(x, y)]) })
	return to
}

func each(picture image.Image, do func(x, y int)) {
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			do(x, y)
		}
	}
}
