package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// signer signs compact JWS (RFC 7515 section 7.1) with one key. The headers are encoded beforehand: encoding them for each
// signature, as go-jose does, costs more objects than all the rest.
type signer struct {
	key       crypto.Signer
	algorithm Algorithm
	headers   map[string]string // by typ: encoded, with the dot that follows
}

func newSigner(k Key) (*signer, error) {
	if k.private == nil {
		return nil, fmt.Errorf("keys: %s has no private half", k)
	}
	// The parsers' errors do not quote the key, but they could: say nothing more than which.
	parsed, err := x509.ParsePKCS8PrivateKey(k.private())
	if err != nil {
		return nil, fmt.Errorf("keys: the private half of %s cannot be read", k)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("keys: the private half of %s cannot sign", k)
	}
	// What signs must be what is published under this name; that the name is right, and the algorithm fits, publicKey sees to.
	id, err := thumbprint(key.Public())
	if err != nil || id != k.id {
		return nil, fmt.Errorf("keys: %s is not what its private half is", k)
	}
	prepared := &signer{key: key, algorithm: k.algorithm, headers: make(map[string]string)}
	for _, typ := range types() {
		encoded, err := json.Marshal(header{Algorithm: k.algorithm, KeyID: k.id, Type: typ})
		if err != nil {
			return nil, fmt.Errorf("keys: prepare %s: %w", k, err)
		}
		prepared.headers[typ] = base64.RawURLEncoding.EncodeToString(encoded) + "."
	}
	return prepared, nil
}

// header is that of a JWS (RFC 7515 section 4.1), its members in the order of their names.
type header struct {
	Algorithm Algorithm `json:"alg"`
	KeyID     string    `json:"kid"`
	Type      string    `json:"typ"`
}

func (s *signer) sign(typ string, claims []byte) (string, error) {
	header, ok := s.headers[typ]
	if !ok {
		return "", fmt.Errorf("keys: sign as %q: %w (there are %v)", typ, ErrType, types())
	}
	token := append(make([]byte, 0, 2048), header...) // of a size that needs no heap, and that most tokens have room in
	token = base64.RawURLEncoding.AppendEncode(token, claims)
	signature, err := s.signature(token)
	if err != nil {
		return "", fmt.Errorf("keys: sign: %w", err)
	}
	return string(base64.RawURLEncoding.AppendEncode(append(token, '.'), signature)), nil
}

// signature is the signature of the first two parts, in the form of its algorithm (RFC 7518 section 3, RFC 8037 section 3.1).
func (s *signer) signature(input []byte) ([]byte, error) {
	digest := sha256.Sum256(input)
	switch s.algorithm {
	case RS256:
		return s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	case PS256:
		return s.key.Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	case ES256:
		return fixedSize(s.key, digest[:])
	case EdDSA:
		return s.key.Sign(rand.Reader, bytes.Clone(input), crypto.Hash(0)) // the message itself, not its digest; a copy of what stands on the stack
	}
	return nil, fmt.Errorf("%w: %q", ErrAlgorithm, s.algorithm)
}

// fixedSize signs with P-256: r and s, each as 32 bytes (RFC 7518 section 3.4), where crypto.Signer makes ASN.1.
func fixedSize(key crypto.Signer, digest []byte) ([]byte, error) {
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: a %T is no ECDSA key", ErrAlgorithm, key)
	}
	r, s, err := ecdsa.Sign(rand.Reader, private, digest)
	if err != nil {
		return nil, err
	}
	const size = 32
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature, nil
}
