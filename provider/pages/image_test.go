package pages_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"itsme-bridge/provider/pages"
)

const svgLogo = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 120.5 40">
<style>.a { fill: #c60c30; }</style><defs><path id="p" d="M0 0h10v10H0z"/></defs>
<use xlink:href="#p" class="a"/><image href="data:image/png;base64,AAAA"/><text style="fill:red">é</text></svg>
`

// pngOf is a PNG of a size.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func picture(t *testing.T, body []byte) *pages.Image {
	t.Helper()
	i, err := pages.NewImage(body)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestPicturesThatAreTaken(t *testing.T) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, row := range []struct {
		name, kind    string
		body          []byte
		width, height int
	}{
		{"png", "image/png", pngOf(t, 12, 7), 12, 7},
		{"jpeg", "image/jpeg", photo.Bytes(), 30, 20},
		{"svg with a viewBox", "image/svg+xml", []byte(svgLogo), 121, 40},
		{"svg with a size", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="80px" height="24"/>`), 80, 24},
		{"svg in millimetres", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="24mm" viewBox="0,0,160,48"/>`), 160, 48},
		{"svg with a doctype", "image/svg+xml", []byte(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"></svg>`), 8, 4},
	} {
		i, err := pages.NewImage(row.body)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if i.Type != row.kind || i.Width != row.width || i.Height != row.height || len(i.Name) != 26 || names[i.Name] {
			t.Errorf("%s: %s %d × %d %s", row.name, i.Type, i.Width, i.Height, i.Name)
		}
		names[i.Name] = true
		if again := picture(t, row.body); again.Name != i.Name {
			t.Errorf("%s has two names", row.name)
		}
	}
}

func TestPicturesThatAreRefused(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	svg := func(inside string) []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">` + inside + `</svg>`)
	}
	for _, row := range []struct {
		name string
		body []byte
		want string
	}{
		{"nothing", nil, "is empty"},
		{"too many bytes", append(pngOf(t, 1, 1), make([]byte, pages.MaxImage)...), "has 102"},
		{"too wide", pngOf(t, 4097, 1), "has 4097 × 1 pixels"},
		{"too high", pngOf(t, 1, 4097), "has 1 × 4097 pixels"},
		{"gif", moving.Bytes(), "looks like image/gif"},
		{"webp", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "looks like image/webp"},
		{"half a png", pngOf(t, 5, 5)[:20], "neither PNG, JPEG nor SVG"},
		{"a text", []byte("hello"), "no SVG that can be read"},
		{"half an svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">`), "no SVG that can be read"},
		{"a web page", []byte(`<!doctype html><html><body></body></html>`), "begins with <html>"},
		{"a size that is no number", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 NaN 10"/>`), "without a size"},
		{"a size that is half a number", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 NaN"/>`), "without a size"},
		{"a JPEG whose height comes later", jpegWithoutHeight(t), "8 × 0 pixels"},
		{"no namespace", []byte(`<svg viewBox="0 0 1 1"></svg>`), "begins with <svg>"},
		{"no size", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="100%"></svg>`), "without a size"},
		{"a script", svg(`<script>alert(1)</script>`), "with <script>"},
		{"a script of another name", svg(`<g><ScRiPt xmlns="http://www.w3.org/1999/xhtml"/></g>`), "with <ScRiPt>"},
		{"a web page inside", svg(`<foreignObject/>`), "with <foreignObject>"},
		{"a handler", svg(`<g onclick="x()"/>`), "runs a script (onclick)"},
		{"a handler of the root", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="x()"/>`), "runs a script (onload)"},
		{"something elsewhere", svg(`<image href="https://example.be/x.png"/>`), "elsewhere"},
		{"something elsewhere, the old way", svg(`<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="//example.be/x.svg#a"/>`), "elsewhere"},
		{"a link", svg(`<a href="javascript:alert(1)"/>`), "elsewhere"},
		{"entities", []byte(`<!DOCTYPE svg [<!ENTITY a "b">]>` + string(svg(""))), "declares entities"},
		{"a style sheet", []byte(`<?xml-stylesheet href="x.css"?>` + string(svg(""))), "<?xml-stylesheet"},
	} {
		if i, err := pages.NewImage(row.body); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v %v, not %q", row.name, i, err, row.want)
		}
	}
}

// A picture can be kept for ever, and does nothing where somebody opens it by itself.
func TestHowAPictureIsServed(t *testing.T) {
	logo := picture(t, []byte(svgLogo))
	serve := func(method, etag string) *http.Response {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/itsme/look/"+logo.Name, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		logo.Write(w, r)
		return w.Result()
	}
	answer := serve(http.MethodGet, "")
	for name, want := range map[string]string{
		"Content-Type": "image/svg+xml", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable",
		"Cross-Origin-Resource-Policy": "same-origin", "Etag": `"` + logo.Name + `"`,
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; sandbox",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	if answer.StatusCode != http.StatusOK || answer.ContentLength != int64(len(svgLogo)) {
		t.Errorf("status %d, %d bytes", answer.StatusCode, answer.ContentLength)
	}
	if head := serve(http.MethodHead, ""); head.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %d", head.StatusCode)
	}
	if again := serve(http.MethodGet, `"`+logo.Name+`"`); again.StatusCode != http.StatusNotModified {
		t.Errorf("again: %d", again.StatusCode)
	}
}

// jpegWithoutHeight is a JPEG that says its height behind its first lines, as it may (ITU-T T.81, B.2.5).
func jpegWithoutHeight(t *testing.T) []byte {
	t.Helper()
	var body bytes.Buffer
	if err := jpeg.Encode(&body, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	frame := bytes.Index(body.Bytes(), []byte{0xff, 0xc0})
	copy(body.Bytes()[frame+5:], []byte{0, 0})
	return body.Bytes()
}
