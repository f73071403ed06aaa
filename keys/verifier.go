package keys

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// ErrToken says that something is no token that a published key of ours has signed.
var ErrToken = errors.New("keys: not a token of ours")

// ErrKey says, beside ErrToken, that none of the published keys writes such a header.
var ErrKey = errors.New("none of the published keys writes this header")

// verifier checks what one key has signed as one type.
type verifier struct {
	algorithm Algorithm
	public    crypto.PublicKey
	typ       string
}

// verifiers are found by the whole header of a token, encoded as it is sent. We write it in one way only, so nothing that a
// stranger's may hold needs a rule of its own: an unknown kid, another alg, none, crit, b64, jwk, x5c are not in here. Nor
// is a header ever decoded before its signature is known to be ours.
type verifiers map[string]verifier

func newVerifiers(published []Key) (verifiers, error) {
	all := make(verifiers)
	for _, k := range published {
		if !slices.Contains(Algorithms(), k.algorithm) {
			continue // a newer version's
		}
		public, err := k.publicKey()
		if err != nil {
			return nil, err
		}
		for _, typ := range types() {
			header, err := k.header(typ)
			if err != nil {
				return nil, err
			}
			all[header] = verifier{k.algorithm, public, typ}
		}
	}
	return all, nil
}

// header is what a token of this key begins with, up to the first dot.
func (k Key) header(typ string) (string, error) {
	plain, err := json.Marshal(struct {
		Algorithm Algorithm `json:"alg"`
		ID        string    `json:"kid"`
		Type      string    `json:"typ"`
	}{k.algorithm, k.id, typ})
	if err != nil {
		return "", fmt.Errorf("keys: encode a header: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(plain), nil
}

// verify checks a token. The library's errors quote what they stumble over, and say nothing here.
func (all verifiers) verify(compact string) (payload []byte, typ string, err error) {
	header, _, _ := strings.Cut(compact, ".")
	found, ok := all[header]
	if !ok {
		return nil, "", fmt.Errorf("%w: %w", ErrToken, ErrKey)
	}
	parsed, err := jose.ParseSignedCompact(compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(found.algorithm)})
	if err != nil {
		return nil, "", fmt.Errorf("%w: it is no compact JWS", ErrToken)
	}
	// The decoder overlooks line breaks and stray bits (RFC 7515 section 2 does not): a token has one spelling.
	if again, err := parsed.CompactSerialize(); err != nil || again != compact {
		return nil, "", fmt.Errorf("%w: it is spelt otherwise than a compact JWS", ErrToken)
	}
	if payload, err = parsed.Verify(found.public); err != nil {
		return nil, "", fmt.Errorf("%w: the signature is not its key's", ErrToken)
	}
	return payload, found.typ, nil
}
