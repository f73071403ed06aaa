package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // as DecodeConfig reads it
	_ "image/png"  // likewise
	"net/http"
	"strings"
	"time"
)

// Image is a picture on a page, checked and named after what is in it.
type Image struct {
	Name          string // in its address; another picture has another
	Type          string // its Content-Type
	Body          []byte
	Width, Height int // in its own pixels
}

// MaxImage is the most bytes that a picture may have: people wait for it, with a phone.
const MaxImage = 100 << 10

// The most pixels along a side: a browser keeps each of them in its memory.
const maxSide = 4096

// NewImage checks a picture: PNG, JPEG, or SVG that is a picture and nothing more. The
// error says what is wrong with it; what would be right.
func NewImage(body []byte) (*Image, error) {
	switch {
	case len(body) > MaxImage:
		return nil, fmt.Errorf("has %d bytes; make it smaller than %d, since people wait for it", len(body), MaxImage)
	case len(body) == 0:
		return nil, errors.New("is empty; write a PNG, JPEG or SVG picture into it")
	}
	if strings.HasPrefix(http.DetectContentType(body), "text/") {
		width, height, err := readSVG(body)
		if err != nil {
			return nil, err
		}
		return named("image/svg+xml", body, width, height), nil
	}
	found, format, err := image.DecodeConfig(bytes.NewReader(body))
	switch {
	case err != nil || format != "png" && format != "jpeg": // somebody else may know more formats
		return nil, fmt.Errorf("is neither PNG, JPEG nor SVG, but looks like %s; convert it", http.DetectContentType(body))
	case found.Width < 1 || found.Height < 1: // a JPEG may leave its height to be said later
		return nil, fmt.Errorf("has %d × %d pixels; save it anew", found.Width, found.Height)
	case found.Width > maxSide || found.Height > maxSide:
		return nil, fmt.Errorf("has %d × %d pixels; make it smaller than %d × %d", found.Width, found.Height, maxSide, maxSide)
	}
	return named("image/"+format, body, found.Width, found.Height), nil
}

// named gives a picture its name: a hash, so that browsers can keep it for ever.
func named(contentType string, body []byte, width, height int) *Image {
	sum := sha256.Sum256(append([]byte(contentType+"\n"), body...))
	name := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:26]
	return &Image{name, contentType, body, width, height}
}

// Write answers with the picture. Its address is that of this very picture, so that it may
// be kept for ever. Opened by itself, it has no script, no origin and nothing to fetch.
func (i *Image) Write(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", i.Type)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; sandbox")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("ETag", `"`+i.Name+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(i.Body)) // If-None-Match, HEAD
}
