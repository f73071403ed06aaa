package keys

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// signer signs compact JWS (RFC 7515 section 7.1) with one key; everything that can be is done beforehand.
type signer struct{ jose.Signer }

func newSigner(k Key) (signer, error) {
	if k.private == nil {
		return signer{}, fmt.Errorf("keys: %s has no private half", k)
	}
	// The parsers' errors do not quote the key, but they could: say nothing more than which.
	parsed, err := x509.ParsePKCS8PrivateKey(k.private())
	if err != nil {
		return signer{}, fmt.Errorf("keys: the private half of %s cannot be read", k)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return signer{}, fmt.Errorf("keys: the private half of %s cannot sign", k)
	}
	// What signs must be what is published under this name.
	id, err := thumbprint(key.Public())
	if err != nil {
		return signer{}, err
	}
	if algorithm, err := algorithmFor(key.Public()); err != nil || id != k.id || algorithm != k.algorithm {
		return signer{}, errors.Join(fmt.Errorf("keys: %s is not what its private half is", k), err)
	}
	prepared, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.algorithm), Key: jose.JSONWebKey{Key: key, KeyID: k.id}},
		(&jose.SignerOptions{}).WithType("JWT"),
	)
	if err != nil {
		return signer{}, fmt.Errorf("keys: prepare %s: %w", k, err)
	}
	return signer{prepared}, nil
}

func (s signer) sign(claims []byte) (string, error) {
	signed, err := s.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("keys: sign: %w", err)
	}
	return signed.CompactSerialize()
}
