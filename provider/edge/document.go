package edge

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// Document is a public JSON document, built once per change.
type Document struct {
	Body []byte
	ETag string // with its quotes
}

// NewDocument makes one of its body.
func NewDocument(body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{body, `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`}
}

// Publish sends a document, or says that the caller's copy is still right.
func (i Issuer) Publish(w http.ResponseWriter, r *http.Request, d Document, maxAge time.Duration) {
	header := w.Header()
	i.strict(header)
	AllowAnyOrigin(header)
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(maxAge/time.Second)))
	header.Set("ETag", d.ETag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.Body)) // If-None-Match, HEAD
}
