package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/client"
)

// readAuthentication reads how a client proves who it is (OpenID Connect Core §9).
func readAuthentication(s document.Section, c *client.Client, about situation) {
	usual := client.ClientSecretBasic
	if c.FAPI2 {
		usual = client.PrivateKeyJWT
	}
	c.AuthMethod = client.AuthMethod(s.Value("auth_method").Choice(string(usual), string(client.ClientSecretBasic),
		string(client.ClientSecretPost), string(client.PrivateKeyJWT), string(client.None)))
	pkce, introspect := s.Value("pkce"), s.Value("introspect")
	c.PKCE = readPKCE(pkce, c)
	c.Introspect = introspect.Flag(false)
	c.SecretHashes = readSecrets(s, c.AuthMethod, about)
	doubtID(s.Value("id"), c)

	secret, hash := given(s)
	switch {
	case c.AuthMethod == client.PrivateKeyJWT || c.AuthMethod == client.None:
		if secret.There() || hash.There() {
			hash.Or(secret).Wrong("is of no use with auth_method: %s; leave it out, or choose another method", c.AuthMethod)
		}
		if c.AuthMethod == client.PrivateKeyJWT {
			break
		}
		if c.PKCE != client.PKCERequired {
			pkce.Wrong("is %s, and a client without a secret has nothing else; write required", pkce.Text())
		}
		if c.Introspect {
			introspect.Wrong("is true, and auth_method is none: anybody could ask; give the client a secret")
		}
	case secret.There() && hash.There():
		secret.Wrong("stands beside secret_hash; keep one of the two")
	case !secret.There() && !hash.There():
		hash.Wrong("is missing; make one with itsme-bridge client new, or write auth_method: none for a public client")
	}
}

// readPKCE reads what a code must be bound by (RFC 9700 §2.1.1).
func readPKCE(v document.Value, c *client.Client) client.PKCE {
	switch v.Choice("required", "required", "or_nonce", "optional") {
	case "or_nonce":
		return client.PKCEOrNonce
	case "optional":
		if c.AuthMethod != client.None && !c.FAPI2 { // which complain of it
			v.Warn("asks neither for PKCE nor for a nonce: whoever gets hold of a code can slip it into a login of his own at the application, " +
				"and is its owner there (RFC 9700 §4.5); write or_nonce, which is what optional meant before, or required, unless the application can do neither")
		}
		return client.PKCEOptional
	default:
		return client.PKCERequired
	}
}

// given are the entries that say what the secret is.
func given(s document.Section) (secret, hash document.Value) {
	return s.Value("secret").Or(s.Value("secret_file")), s.Value("secret_hash")
}

func readSecrets(s document.Section, method client.AuthMethod, about situation) [][sha256.Size]byte {
	var hashes [][sha256.Size]byte
	if secret, at := s.Secret("secret"); secret.Given() && printable(secret, at) && strong(secret, at, about) {
		hashes = append(hashes, secret.Hash())
		doubtSecret(secret, at, method)
	}
	v := s.Value("secret_hash")
	entries := []document.Value{v}
	if v.List() {
		if entries = v.Items(); len(entries) < 1 || len(entries) > 2 {
			v.Wrong("has %d entries; write one, or two while a secret is being replaced", len(entries))
		}
	}
	for _, entry := range entries {
		hash, ok := readHash(entry)
		if !ok || !about.notExampleHash(hash, entry) {
			continue
		}
		if slices.Contains(hashes, hash) && v.List() {
			entry.Wrong("is given twice; keep it once")
			continue
		}
		hashes = append(hashes, hash)
	}
	return hashes
}

// printable: a secret travels in a header and in forms (RFC 6749, appendix A.2).
func printable(secret document.Secret, at document.Value) bool {
	if strings.ContainsFunc(secret.Reveal(), func(r rune) bool { return r < ' ' || r > '~' }) {
		at.Wrong("holds other characters than printable ASCII; make one with itsme-bridge client new")
		return false
	}
	return true
}

// doubtID tells of an id that HTTP Basic carries in more than one way, since many
// applications do not encode it (RFC 6749 §2.3.1).
func doubtID(v document.Value, c *client.Client) {
	switch {
	case c.AuthMethod != client.ClientSecretBasic:
	case strings.Contains(c.ID, ":"):
		v.Warn("holds a :, and in HTTP Basic an id ends there unless the application form-encodes it as it should (RFC 6749 §2.3.1); " +
			"write an id without, or auth_method: client_secret_post, if it does not")
	case strings.ContainsAny(c.ID, "+%"):
		v.Warn("holds a + or a %%, which many applications do not form-encode in HTTP Basic as they should (RFC 6749 §2.3.1); " +
			"it is tried both ways, and an id without them reads in one")
	}
}

// doubtSecret tells so of a secret.
func doubtSecret(secret document.Secret, at document.Value, method client.AuthMethod) {
	if method == client.ClientSecretBasic && strings.ContainsAny(secret.Reveal(), "+%:") {
		at.Warn("holds a +, a %% or a :, which many applications do not form-encode in HTTP Basic as they should (RFC 6749 §2.3.1); " +
			"it is tried both ways, and a secret that itsme-bridge client new makes reads in one")
	}
}

// HashPrefix says what the digits of a secret_hash are.
const HashPrefix = "sha256:"

func readHash(v document.Value) (hash [sha256.Size]byte, ok bool) {
	text, ok := v.Read()
	if !ok {
		return hash, false
	}
	digits, ok := strings.CutPrefix(text, HashPrefix)
	raw, err := hex.DecodeString(digits)
	if !ok || err != nil || len(raw) != len(hash) {
		v.Wrong("is not %s and 64 hex digits; itsme-bridge client new prints one", HashPrefix)
		return hash, false
	}
	return [sha256.Size]byte(raw), true
}
