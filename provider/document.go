package provider

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// document is a public JSON document, built once per change.
type document struct {
	body []byte
	etag string // with its quotes
}

func newDocument(body []byte) document {
	sum := sha256.Sum256(body)
	return document{body, `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`}
}

// publish sends a document, or says that the caller's copy is still right.
func (i Issuer) publish(w http.ResponseWriter, r *http.Request, d document, maxAge time.Duration) {
	header := w.Header()
	i.strict(header)
	allowAnyOrigin(header)
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(maxAge/time.Second)))
	header.Set("ETag", d.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body)) // If-None-Match, HEAD
}
