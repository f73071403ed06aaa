package config

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/client"
)

// readClientKeys reads a client's public keys: from here, from a file or from an
// address of its own (OpenID Connect Registration 1.0 §2).
func readClientKeys(s document.Section, c *client.Client, about situation) client.Keys {
	inline, file, uri := s.Value("jwks"), s.Value("jwks_file"), s.Value("jwks_uri")
	given := slices.DeleteFunc([]document.Value{inline, file, uri}, func(v document.Value) bool { return !v.There() })
	if needs := whatNeedsKeys(s, c); len(given) == 0 && needs != "" {
		uri.Wrong("is missing, and %s needs the client's public keys; write their address, or the keys themselves as jwks or jwks_file", needs)
	}
	if len(given) > 1 {
		given[1].Wrong("stands beside another of jwks, jwks_file and jwks_uri; keep one of them")
	}
	var keys client.Keys
	if u, ok := address(uri, about.outbound.asked()); ok {
		keys.URI = uri.Text()
		about.mayAsk(uri, u)
	}
	keys.Set = append(readJWKS(inline, c.FAPI2), readJWKSFile(file, c.FAPI2)...)
	return keys
}

// whatNeedsKeys is the setting that does, in words; empty: none.
func whatNeedsKeys(s document.Section, c *client.Client) string {
	switch {
	case c.AuthMethod == client.PrivateKeyJWT:
		return "auth_method: private_key_jwt"
	case c.RequireSigned:
		return "require_signed_request_object: true"
	case s.Has("request_uris"): // an unsigned request object is refused
		return "what request_uris lead to"
	}
	return ""
}

// readJWKS reads a list of JWKs.
func readJWKS(v document.Value, fapi2 bool) []jose.JSONWebKey {
	if v.There() && !v.List() {
		v.Wrong("is not a list; write one - a key, each as a JWK, or name the file of a JWK Set as jwks_file")
		return nil
	}
	var set keySet
	for _, item := range v.Parts() {
		if raw, ok := item.JSON(); ok {
			set.add(raw, fapi2, func(wrong string) { item.Wrong("%s", wrong) })
		}
	}
	set.empty(v)
	return set.keys
}

// readJWKSFile reads a JWK Set (RFC 7517 §5).
func readJWKSFile(v document.Value, fapi2 bool) []jose.JSONWebKey {
	content, ok := v.Content()
	if !ok {
		return nil
	}
	var found struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(content, &found); err != nil {
		v.Wrong("the file %s is not a JWK Set; write JSON as {%q: […]}", v.Quoted(), "keys")
		return nil
	}
	var set keySet
	for i, raw := range found.Keys {
		set.add(raw, fapi2, func(wrong string) { v.Wrong("key %d of the file %s %s", i+1, v.Quoted(), wrong) })
	}
	set.empty(v)
	return set.keys
}

// keySet is what of a JWK Set can be used. Nothing is passed over as in a set
// that is fetched: who writes a key down means it.
type keySet struct {
	given int
	keys  []jose.JSONWebKey
}

func (set *keySet) empty(v document.Value) {
	if v.There() && set.given == 0 {
		v.Wrong("holds no key; write the public keys that the client signs with")
	}
}

// add takes a key, or says what is wrong with it.
func (set *keySet) add(raw []byte, fapi2 bool, complain func(wrong string)) {
	set.given++
	key, wrong := publicKey(raw, fapi2)
	if wrong == "" && set.given > 1 {
		wrong = set.unlike(key)
	}
	if wrong != "" {
		complain(wrong)
		return
	}
	set.keys = append(set.keys, key)
}

// unlike: a kid chooses among several keys (RFC 7517 §4.5).
func (set *keySet) unlike(key jose.JSONWebKey) string {
	named := func(kid string) bool {
		return slices.ContainsFunc(set.keys, func(k jose.JSONWebKey) bool { return k.KeyID == kid })
	}
	switch {
	case key.KeyID == "" || named(""):
		return "stands among several, and one of them has no kid; give each its own"
	case named(key.KeyID):
		return "has the kid of another one; give each its own"
	}
	return ""
}

// publicKey reads a JWK, or says what is wrong with it in words of our own:
// go-jose might quote it.
func publicKey(raw []byte, fapi2 bool) (key jose.JSONWebKey, wrong string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return key, "is not a JWK; write kty: and what belongs to it"
	}
	for _, secret := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		if _, ok := members[secret]; ok {
			return key, "has a secret part, and only the client may have that; write the public key alone, and make a new pair if this one has been seen"
		}
	}
	if json.Unmarshal(raw, &key) != nil {
		return key, "is not a public key as a JWK; write " + keyKinds
	}
	if key.Use != "" && key.Use != "sig" {
		return key, "has another use than sig; write the keys alone that the client signs with"
	}
	can := signsWith(key, fapi2)
	if len(can) == 0 {
		return key, "is of another kind than these; write " + keyKinds
	}
	if key.Algorithm != "" && !slices.Contains(can, key.Algorithm) {
		return key, "has another alg than its kind may sign with here; write " + strings.Join(can, " or ") + ", or leave alg out"
	}
	return key, ""
}

const keyKinds = "RSA of at least 2048 bits, EC on P-256, or Ed25519"

// signsWith is what a key can be used for (FAPI 2.0 Security Profile §5.4.1).
func signsWith(key jose.JSONWebKey, fapi2 bool) []string {
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		switch {
		case public.N.BitLen() < 2048:
			return nil
		case fapi2:
			return []string{"PS256"}
		}
		return []string{"RS256", "PS256"}
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return []string{"ES256"}
		}
	case ed25519.PublicKey:
		return []string{"EdDSA"}
	}
	return nil
}
