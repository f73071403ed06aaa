package keys

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Document is a JWK Set (RFC 7517 section 5), ready to be served as application/jwk-set+json or application/json.
type Document struct {
	Body       []byte        // shared: not to be changed. Empty: there are no keys yet
	ETag       string        // strong, with its quotes
	MaxAge     time.Duration // for Cache-Control; round down to seconds
	Algorithms []Algorithm   // of its keys, in the order of [Algorithms]; none of a newer version
}

func newDocument(published []Key) (Document, error) {
	set := struct {
		Keys []json.RawMessage `json:"keys"`
	}{Keys: []json.RawMessage{}}
	for _, k := range published {
		set.Keys = append(set.Keys, k.public)
	}
	body, err := json.Marshal(set)
	if err != nil {
		return Document{}, fmt.Errorf("keys: encode the JWKS: %w", err)
	}
	sum := sha256.Sum256(body)
	algorithms := slices.DeleteFunc(Algorithms(), func(a Algorithm) bool {
		return !slices.ContainsFunc(published, func(k Key) bool { return k.algorithm == a })
	})
	return Document{Body: body, ETag: `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, Algorithms: algorithms}, nil
}
