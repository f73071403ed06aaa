package keys

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// signer signs compact JWS (RFC 7515 section 7.1) with one key, by their typ; everything that can be is done beforehand.
type signer map[string]jose.Signer

func newSigner(k Key) (signer, error) {
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
	prepared := make(signer)
	for _, typ := range types() {
		prepared[typ], err = jose.NewSigner(
			jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.algorithm), Key: jose.JSONWebKey{Key: key, KeyID: k.id}},
			(&jose.SignerOptions{}).WithType(jose.ContentType(typ)),
		)
		if err != nil {
			return nil, fmt.Errorf("keys: prepare %s: %w", k, err)
		}
	}
	return prepared, nil
}

func (s signer) sign(typ string, claims []byte) (string, error) {
	prepared, ok := s[typ]
	if !ok {
		return "", fmt.Errorf("keys: sign as %q: %w (there are %v)", typ, ErrType, types())
	}
	signed, err := prepared.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("keys: sign: %w", err)
	}
	return signed.CompactSerialize()
}
