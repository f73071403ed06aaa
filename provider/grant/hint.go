package grant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"itsme-bridge/keys"
)

// Hint is what an id_token_hint tells: an ID token of ours, as a client sends it
// back. That it has expired does not matter (OpenID Connect Core §3.1.2.1,
// RP-Initiated Logout §2).
type Hint struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	AuthTime int64  `json:"auth_time"`
	Expires  int64  `json:"exp"`
	SID      string `json:"sid"`
	ID       string `json:"jti"`
}

// maxHint is the most bytes of a hint that is looked at: ID tokens of ours are shorter.
const maxHint = 16 << 10

// Hint reads an id_token_hint. It is false for everything but an ID token that
// we signed.
func (t *IDTokens) Hint(token string) (Hint, bool) {
	h, wrong := t.Read(token)
	return h, wrong == ""
}

// Read reads an id_token_hint, or tells a developer what is wrong with it, in
// words that hold nothing of it. Other things of ours have another typ, or no
// auth_time.
func (t *IDTokens) Read(token string) (h Hint, wrong string) {
	switch dots := strings.Count(token, "."); {
	case len(token) > maxHint:
		return Hint{}, "The id_token_hint is longer than any ID token of this issuer."
	case strings.ContainsFunc(token, notOfJWT):
		return Hint{}, "The id_token_hint is not a JWT: it has characters that no JWT has."
	case dots == 4:
		return Hint{}, "The id_token_hint is encrypted."
	case dots != 2:
		return Hint{}, "The id_token_hint is not a JWT."
	}
	payload, typ, err := t.signer.Verify(token)
	switch {
	case err != nil:
		return Hint{}, "The id_token_hint is not signed by a key that this issuer publishes."
	case typ != keys.JWT || json.Unmarshal(payload, &h) != nil || h.Subject == "" || h.AuthTime == 0 || h.Expires == 0:
		return Hint{}, "The id_token_hint is not an ID token."
	case h.Issuer != t.issuer:
		return Hint{}, "The id_token_hint is from another issuer."
	}
	return h, ""
}

// A client that has no need of the sid is not told it, since by it clients can tell
// which of their people share a browser. The ID token has a jti instead, new each
// time, by which nobody but we can tell the session.

// mark is the jti of an ID token of a session.
func (t *IDTokens) mark(sid string) string {
	if sid == "" {
		return ""
	}
	drawn := rand.Text()
	return drawn + "." + t.keyring.MAC("id token", drawn, sid)
}

// IsOf reports whether an ID token is of the session with this sid.
func (t *IDTokens) IsOf(h Hint, sid string) bool {
	if h.SID != "" {
		return h.SID == sid
	}
	drawn, mac, _ := strings.Cut(h.ID, ".")
	return h.ID != "" && t.keyring.VerifyMAC(mac, "id token", drawn, sid)
}

// Outlived reports whether a token looks like an ID token that a client has had
// from here, and that was signed by a key which we do not publish any more, or by
// somebody who pretends that. Nothing in it can be believed.
func (t *IDTokens) Outlived(token, client string) bool {
	_, _, err := t.signer.Verify(token)
	if !errors.Is(err, keys.ErrKey) {
		return false
	}
	parts := strings.Split(token, ".")
	var header struct {
		Algorithm keys.Algorithm `json:"alg"`
		Key       string         `json:"kid"`
		Type      string         `json:"typ"`
	}
	var said Hint
	if len(parts) != 3 || !decode(parts[0], &header) || !decode(parts[1], &said) {
		return false
	}
	thumbprint, err := base64.RawURLEncoding.DecodeString(header.Key)
	return err == nil && len(thumbprint) == sha256.Size && header.Type == keys.JWT &&
		slices.Contains(keys.Algorithms(), header.Algorithm) && said.Issuer == t.issuer && said.Audience == client
}

// decode reads a part of a JWT.
func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// notOfJWT is for what a compact JWT does not consist of (RFC 7515 §3.1).
func notOfJWT(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}
