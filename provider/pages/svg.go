package pages

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// svgSpace is the namespace of SVG's elements.
const svgSpace = "http://www.w3.org/2000/svg"

// readSVG is the size of an SVG picture. It refuses what is more than a picture: scripts,
// foreign content, entities, and links to something elsewhere. Browsers run and fetch none
// of that in an <img>, nor what a style may name, and our policy allows none of it where
// somebody opens the picture by itself; who drew it with these would see a broken one.
func readSVG(body []byte) (width, height int, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for depth := 0; ; {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && depth == 0 && width > 0 && height > 0:
			return width, height, nil
		case err != nil:
			return 0, 0, errors.New("is neither PNG, JPEG nor SVG; the beginning looks like a text, and it is no SVG that can be read: save it as plain SVG, or as PNG")
		}
		switch token := token.(type) {
		case xml.Directive:
			if strings.Contains(string(token), "[") || strings.Contains(strings.ToUpper(string(token)), "ENTITY") {
				return 0, 0, errors.New("is an SVG that declares entities; save it as plain SVG")
			}
		case xml.ProcInst:
			if token.Target != "xml" {
				return 0, 0, fmt.Errorf("is an SVG with a style sheet or the like (<?%s …?>); save it as plain SVG", token.Target)
			}
		case xml.StartElement:
			if depth == 0 {
				if width, height, err = sizeOf(token); err != nil {
					return 0, 0, err
				}
			}
			if err := harmless(token); err != nil {
				return 0, 0, err
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

// harmless reports what an element does beyond being part of a picture.
func harmless(e xml.StartElement) error {
	switch strings.ToLower(e.Name.Local) {
	case "script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener":
		return fmt.Errorf("is an SVG with <%s> in it, which no browser shows in a picture; save it as plain SVG, or as PNG", e.Name.Local)
	}
	for _, a := range e.Attr {
		name := strings.ToLower(a.Name.Local)
		switch {
		case strings.HasPrefix(name, "on"):
			return fmt.Errorf("is an SVG that runs a script (%s); save it as plain SVG, or as PNG", a.Name.Local)
		case name == "href" && a.Value != "" && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "data:image/"):
			return errors.New("is an SVG that shows or links to something elsewhere (href); embed it, or save the whole as PNG")
		}
	}
	return nil
}

// sizeOf is the size of the root element: as it says, or else as its viewBox does.
func sizeOf(root xml.StartElement) (width, height int, err error) {
	if root.Name.Local != "svg" || root.Name.Space != svgSpace {
		return 0, 0, fmt.Errorf(`is neither PNG, JPEG nor SVG, but begins with <%s>; an SVG begins with <svg xmlns="%s">`, root.Name.Local, svgSpace)
	}
	said := map[string]string{}
	for _, a := range root.Attr {
		if a.Name.Space == "" {
			said[a.Name.Local] = a.Value
		}
	}
	width, height = pixels(said["width"]), pixels(said["height"])
	if width > 0 && height > 0 {
		return width, height, nil
	}
	box := strings.FieldsFunc(said["viewBox"], func(r rune) bool { return r == ',' || r <= ' ' })
	if len(box) == 4 {
		width, height = pixels(box[2]), pixels(box[3])
	}
	if width == 0 || height == 0 {
		return 0, 0, errors.New("is an SVG without a size; give its <svg> a viewBox, or a width and a height in pixels")
	}
	return width, height, nil
}

// pixels is a length in CSS pixels, rounded up; 0 where it is none, or a share of something.
func pixels(length string) int {
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(length), "px"), 64)
	if err != nil || !(n > 0 && n <= maxSide*16) { // so is what is no number
		return 0
	}
	return int(n + .999)
}
