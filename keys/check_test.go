package keys_test

import (
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

var errUnknownKid = errors.New("no key of that kid in the JWKS")

// check is what a client does: pick the key by its kid, and verify. It shares nothing with what is tested.
func check(token string, jwks []byte) (kid string, claims []byte, err error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(jwks, &set); err != nil {
		return "", nil, err
	}
	return checkWith(token, set)
}

func checkWith(token string, set jose.JSONWebKeySet) (kid string, claims []byte, err error) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA})
	if err != nil {
		return "", nil, err
	}
	header := jws.Signatures[0].Protected
	found := set.Key(header.KeyID)
	if len(found) != 1 {
		return "", nil, errUnknownKid
	}
	if found[0].Algorithm != header.Algorithm {
		return "", nil, errors.New("a key of another algorithm")
	}
	claims, err = jws.Verify(found[0])
	return header.KeyID, claims, err
}
