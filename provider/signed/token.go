package signed

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// MaxSize is the most bytes of a token.
const MaxSize = 16 << 10

// Algorithms lists what a token may be signed with at all (RFC 7518 §3.1, RFC 8037 §3.1). All are asymmetric: a
// shared secret would let whoever verifies also sign.
func Algorithms() []string { return []string{"RS256", "PS256", "ES256", "EdDSA"} }

// Token is a compact JWS that nobody has verified yet.
type Token struct {
	jws    *jose.JSONWebSignature
	header header
}

// header is what we read of a JOSE header (RFC 7515 §4.1).
type header struct {
	algorithm string
	keyID     string
	kind      string
}

// Parse reads a compact JWS (RFC 7515 §7.1). Its alg must be one of the algorithms, and one of [Algorithms], so that
// neither none nor an HMAC passes, whatever is in the list. Every error is an *Error.
func Parse(compact string, algorithms ...string) (*Token, error) {
	if len(compact) > MaxSize {
		return nil, wrong("The token is too long.")
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 || slices.ContainsFunc(parts, func(p string) bool { _, ok := decode(p); return !ok }) {
		return nil, wrong("The token is not a JWS in compact serialization.")
	}
	h, err := readHeader(parts[0])
	if err != nil {
		return nil, err
	}
	if !slices.Contains(algorithms, h.algorithm) || !slices.Contains(Algorithms(), h.algorithm) {
		return nil, wrong("The token is signed with an algorithm that is not accepted.")
	}
	jws, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(h.algorithm)})
	if err != nil {
		// The library's errors quote the header.
		return nil, wrong("The header of the token is malformed, or embeds a key that is not public.")
	}
	return &Token{jws: jws, header: h}, nil
}

// readHeader refuses every extension: we know none that must be understood (RFC 7515 §4.1.11), and a payload that is
// not base64url is not for a JWT (RFC 7797 §7).
func readHeader(part string) (header, error) {
	data, _ := decode(part)
	o, ok := readObject(data) // of nil: no
	if !ok {
		return header{}, wrong("The header of the token is not a JSON object with each member once.")
	}
	if o.has("crit") || o.has("b64") {
		return header{}, wrong("The header of the token has a critical extension.")
	}
	var h header
	for name, value := range map[string]*string{"alg": &h.algorithm, "kid": &h.keyID, "typ": &h.kind} {
		if *value, ok = o.text(name); !ok && o.has(name) {
			return header{}, wrong("A member of the header of the token is not a string.")
		}
	}
	return h, nil
}

// decode is strict: one token has one spelling.
func decode(part string) ([]byte, bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil || strings.ContainsAny(part, "\r\n") { // which the decoder skips
		return nil, false
	}
	return data, true
}

// Unsigned reports whether the header says alg none, in any case, so that it can be refused as what it is.
// [Parse] refuses it too.
func Unsigned(compact string) bool {
	part, _, _ := strings.Cut(compact, ".")
	if len(part) > MaxSize {
		return false
	}
	h, err := readHeader(part)
	return err == nil && strings.EqualFold(h.algorithm, "none")
}

// KeyID is the header's kid, or empty.
func (t *Token) KeyID() string { return t.header.keyID }

// Algorithm is the header's alg.
func (t *Token) Algorithm() string { return t.header.algorithm }

// Type is the header's typ, or empty, in lower case and without application/ (RFC 7515 §4.1.9).
func (t *Token) Type() string {
	return strings.TrimPrefix(strings.ToLower(t.header.kind), "application/")
}

// IsAssertion reports whether the typ is one that a client assertion may have. Only a token that says explicitly to be
// something else is something else (RFC 8725 §3.11): most clients say JWT, or nothing.
func (t *Token) IsAssertion() bool {
	return slices.Contains([]string{"", "jwt", "client-authentication+jwt"}, t.Type())
}

// IsRequest reports whether the typ is one that a request object may have (RFC 9101 §4 and §10.8).
func (t *Token) IsRequest() bool {
	return slices.Contains([]string{"", "jwt", "oauth-authz-req+jwt"}, t.Type())
}

// Claimed is whom the token names, which nobody has verified: it tells whose keys to ask, no more.
func (t *Token) Claimed() (issuer, subject string) {
	o, _ := readObject(t.jws.UnsafePayloadWithoutVerification())
	issuer, _ = o.text("iss")
	subject, _ = o.text("sub")
	return issuer, subject
}
