package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
)

// Algorithm is a JWS algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
type Algorithm string

// What can sign.
const (
	RS256 Algorithm = "RS256" // RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits
	PS256 Algorithm = "PS256" // RSASSA-PSS with SHA-256, 2048 bits
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256
	EdDSA Algorithm = "EdDSA" // Ed25519
)

// rsaBits is what a key has that we make, and the least that we accept from others (RFC 7518 section 3.3).
const rsaBits = 2048

// ErrAlgorithm says that there is no key for the algorithm that was asked for.
var ErrAlgorithm = errors.New("no key for this algorithm")

// Algorithms lists all algorithms that this package can sign with.
func Algorithms() []Algorithm { return []Algorithm{RS256, PS256, ES256, EdDSA} }

// generate makes a private key. RSA takes a tenth of a second or several.
func (a Algorithm) generate() (crypto.Signer, error) {
	switch a {
	case RS256, PS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, fmt.Errorf("keys: %w: %q is not one of %v", ErrAlgorithm, string(a), Algorithms())
}

// fits tells whether a key can sign with the algorithm.
func (a Algorithm) fits(public crypto.PublicKey) bool {
	usual, err := algorithmFor(public)
	return err == nil && (a == usual || a == PS256 && usual == RS256)
}

// algorithmFor tells which algorithm a key signs with by its kind, where nothing else is said: RSA could do PS256 too.
func algorithmFor(public crypto.PublicKey) (Algorithm, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < rsaBits {
			return "", fmt.Errorf("an RSA key of %d bits, and %d are the least", bits, rsaBits)
		}
		return RS256, nil
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return "", fmt.Errorf("an EC key on %s, and only P-256 is supported", key.Curve.Params().Name)
		}
		return ES256, nil
	case ed25519.PublicKey:
		return EdDSA, nil
	}
	return "", unsupported(public)
}

// onlyPS256 is as algorithmFor, for keys that shall sign with it.
func onlyPS256(public crypto.PublicKey) (Algorithm, error) {
	usual, err := algorithmFor(public)
	if err != nil {
		return "", err
	}
	if usual != RS256 {
		return "", errors.New("not an RSA key, and PS256 needs one")
	}
	return PS256, nil
}

func unsupported(key any) error {
	return fmt.Errorf("a key of type %T, and only RSA, EC and Ed25519 are supported", key)
}
