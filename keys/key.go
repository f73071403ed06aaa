package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Key is a signing key of a Set. It is plain data: the rules never look into its halves.
type Key struct {
	algorithm Algorithm
	id        string // RFC 7638 thumbprint

	published time.Time // since when it has been in the set, and so in the JWKS
	signs     time.Time // from when it signs
	revoked   time.Time // zero: it is not
	idle      time.Time // since when a replica says that no client uses the algorithm; zero: none says so

	public  json.RawMessage // the JWK as published
	private func() []byte   // PKCS#8; nil: erased
}

// hide puts a private half where fmt never looks: from a struct's unexported fields it prints bytes and, under verbs
// that do not fit, what a pointer points to, without asking Format; but of a function no more than its address.
func hide(pkcs8 []byte) func() []byte { return func() []byte { return pkcs8 } }

// Generate makes a Key that is not in any Set yet.
func Generate(a Algorithm) (Key, error) {
	signer, err := a.generate()
	if err != nil {
		return Key{}, err
	}
	return newKey(a, signer)
}

// newKey: the algorithm must fit.
func newKey(algorithm Algorithm, signer crypto.Signer) (Key, error) {
	id, err := thumbprint(signer.Public())
	if err != nil {
		return Key{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return Key{}, fmt.Errorf("keys: encode a private key: %w", err)
	}
	jwk := jose.JSONWebKey{Key: signer.Public(), KeyID: id, Algorithm: string(algorithm), Use: "sig"}
	public, err := jwk.MarshalJSON()
	if err != nil {
		return Key{}, fmt.Errorf("keys: encode a public key: %w", err)
	}
	return Key{algorithm: algorithm, id: id, public: public, private: hide(pkcs8)}, nil
}

// publicKey reads the public half, and insists that it is what the key is called: its name is what tokens give.
func (k Key) publicKey() (crypto.PublicKey, error) {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(k.public); err != nil {
		return nil, fmt.Errorf("keys: the public half of %s cannot be read", k)
	}
	id, err := thumbprint(jwk.Key)
	if err != nil || id != k.id || jwk.KeyID != k.id || jwk.Algorithm != string(k.algorithm) || !k.algorithm.fits(jwk.Key) {
		return nil, fmt.Errorf("keys: %s is not what its public half is", k)
	}
	return jwk.Key, nil
}

// thumbprint names a key as RFC 7638 does, with SHA-256.
func thumbprint(public crypto.PublicKey) (string, error) {
	sum, err := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("keys: thumbprint: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// ID is the key's kid: its RFC 7638 thumbprint.
func (k Key) ID() string { return k.id }

// Algorithm is what the key signs with.
func (k Key) Algorithm() Algorithm { return k.algorithm }

// String names the key, and tells nothing of its private half.
func (k Key) String() string { return fmt.Sprintf("%s key %s", k.algorithm, k.id) }

// Format is String under every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is what a log may hold.
func (k Key) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kid", k.id), slog.String("alg", string(k.algorithm)))
}
