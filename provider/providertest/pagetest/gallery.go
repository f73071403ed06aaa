package pagetest

import (
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"io"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

//go:embed gallery.html
var galleryPage string

// Picture is a page as it was seen once.
type Picture struct {
	Page                                 string // its name
	Kind, Language, Scheme, Screen, Look string // by which pictures are chosen
	Width, Height                        int64
	WebP                                 []byte
}

// Source is the picture in its own address.
func (p Picture) Source() template.URL {
	return template.URL("data:image/webp;base64," + base64.StdEncoding.EncodeToString(p.WebP))
}

// maxPicture is how many pixels wide a picture is at most: hundreds of them go into one file.
const maxPicture = 800

// Picture takes a picture of the whole page, as far down as it goes.
func (w *Window) Picture(name, kind, language, look string, screen Screen) Picture {
	w.t.Helper()
	size := call(w, page.GetLayoutMetrics, cdp.Empty{}).CSSContentSize
	quality, beyond, scale := int64(45), true, 1.0
	if screen.Width > maxPicture {
		scale = maxPicture / float64(screen.Width)
	}
	shot := call(w, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: size.Width, Height: size.Height, Scale: scale},
	})
	scheme := "light"
	if screen.Dark {
		scheme = "dark"
	}
	return Picture{
		Page: name, Kind: kind, Language: language, Scheme: scheme, Screen: screen.Kind, Look: look,
		Width: int64(size.Width * scale), Height: int64(size.Height * scale), WebP: shot.Data,
	}
}

// filter is one choice above the gallery.
type filter struct {
	Name   string
	Values []choice
}

type choice struct {
	ID string
	On bool // at first
}

// section are the pictures of one page.
type section struct {
	Page     string
	Pictures []Picture
}

// Gallery writes one HTML file with all the pictures in it. It needs no server, no
// script and no other file.
func Gallery(w io.Writer, title string, pictures []Picture) error {
	layout, err := template.New("gallery").Parse(galleryPage)
	if err != nil {
		return err
	}
	filters := []filter{
		choices("language", pictures, func(p Picture) string { return p.Language }, 1),
		choices("scheme", pictures, func(p Picture) string { return p.Scheme }, 2),
		choices("screen", pictures, func(p Picture) string { return p.Screen }, 2),
		choices("look", pictures, func(p Picture) string { return p.Look }, 1),
		choices("kind", pictures, func(p Picture) string { return p.Kind }, len(pictures)),
	}
	var sections []section
	for _, p := range pictures {
		i := slices.IndexFunc(sections, func(s section) bool { return s.Page == p.Page })
		if i < 0 {
			i, sections = len(sections), append(sections, section{Page: p.Page})
		}
		sections[i].Pictures = append(sections[i].Pictures, p)
	}
	return layout.Execute(w, struct {
		Title    string
		Filters  []filter
		Sections []section
	}{title, filters, sections})
}

// choices are the values that pictures have, the first of them chosen.
func choices(name string, pictures []Picture, of func(Picture) string, chosen int) filter {
	f := filter{Name: name}
	for _, p := range pictures {
		if value := of(p); !slices.ContainsFunc(f.Values, func(c choice) bool { return c.ID == value }) {
			f.Values = append(f.Values, choice{value, len(f.Values) < chosen})
		}
	}
	return f
}
