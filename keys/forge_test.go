package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"itsme-bridge/keys"
)

// ours is a Static with a key of each algorithm, together with its private halves.
type ours struct {
	*keys.Static
	private map[keys.Algorithm]crypto.Signer
}

func newOurs(t *testing.T) ours {
	t.Helper()
	private := map[keys.Algorithm]crypto.Signer{
		keys.RS256: sharedRSA(t), keys.PS256: otherRSA(t), keys.ES256: ec(t, elliptic.P256()), keys.EdDSA: edwards(t),
	}
	file := func(a keys.Algorithm) string { return writePEM(t, pkcs8(t, private[a])) }
	return ours{fromFiles(t, keys.Files{
		Keys: []string{file(keys.RS256), file(keys.ES256), file(keys.EdDSA)}, PS256: []string{file(keys.PS256)},
	}), private}
}

// kid names the key of an algorithm.
func (o ours) kid(t *testing.T, a keys.Algorithm) string {
	t.Helper()
	return must(keys.Thumbprint(o.private[a].Public()))(t)
}

// stranger makes a key that could be one for the algorithm.
func stranger(t *testing.T, a keys.Algorithm) crypto.Signer {
	t.Helper()
	switch a {
	case keys.RS256:
		return otherRSA(t)
	case keys.PS256:
		return sharedRSA(t)
	case keys.ES256:
		return ec(t, elliptic.P256())
	default:
		return edwards(t)
	}
}

// forge signs claims under whatever header it is given, with the way of signing that is named. It shares nothing with what is tested.
func forge(t *testing.T, way keys.Algorithm, private crypto.Signer, header string) string {
	t.Helper()
	input := encoded(header) + "." + encoded(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature(t, way, private, []byte(input)))
}

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func signature(t *testing.T, way keys.Algorithm, private crypto.Signer, input []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(input)
	switch way {
	case keys.RS256:
		return must(private.Sign(rand.Reader, digest[:], crypto.SHA256))(t)
	case keys.PS256:
		return must(private.Sign(rand.Reader, digest[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthEqualsHash}))(t)
	case keys.ES256:
		key, ok := private.(*ecdsa.PrivateKey)
		if !ok {
			t.Fatalf("a %T signs no ES256", private)
		}
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case keys.EdDSA:
		key, ok := private.(ed25519.PrivateKey)
		if !ok {
			t.Fatalf("a %T signs no EdDSA", private)
		}
		return ed25519.Sign(key, input)
	case "HS256": // with what everybody has of a key: its public half
		mac := hmac.New(sha256.New, must(x509.MarshalPKIXPublicKey(private.Public()))(t))
		mac.Write(input)
		return mac.Sum(nil)
	}
	return nil // none
}
