package keys

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// Static is keys from files, for those whose keys come from a KMS, an HSM's export or a secret manager. It signs and
// serves as a Ring does, and never changes.
//
// Rotating is the operator's: add the next key's file after the current one and restart everywhere; after max-age and
// more, put it first; take the old one away when its last token is dead.
type Static struct {
	files  []Info
	keys   map[Algorithm]*signer
	signed verifiers
	jwks   Document
}

// FromPEM reads private keys. The first of each algorithm signs, all are published. It complains of every file at
// once, and never quotes one.
func FromPEM(now func() time.Time, files Files) (*Static, error) {
	published, err := files.read()
	if err != nil {
		return nil, err
	}
	s := &Static{keys: make(map[Algorithm]*signer)}
	for _, k := range published {
		state := Standby
		if _, ok := s.keys[k.algorithm]; !ok {
			state = Current
			prepared, err := newSigner(k)
			if err != nil {
				return nil, err
			}
			s.keys[k.algorithm] = prepared
		}
		s.files = append(s.files, Info{ID: k.id, Algorithm: k.algorithm, State: state, Published: now()})
	}
	if s.signed, err = newVerifiers(published); err != nil {
		return nil, err
	}
	s.jwks, err = newDocument(published)
	s.jwks.MaxAge = DefaultMaxAge
	return s, err
}

// Sign is as Ring.Sign.
func (s *Static) Sign(ctx context.Context, a Algorithm, claims []byte) (string, error) {
	return s.SignTyped(ctx, a, JWT, claims)
}

// SignTyped is as Ring.SignTyped.
func (s *Static) SignTyped(_ context.Context, a Algorithm, typ string, claims []byte) (string, error) {
	signer, ok := s.keys[a]
	if !ok {
		return "", fmt.Errorf("keys: sign with %q: %w among the PEM files", string(a), ErrAlgorithm)
	}
	return signer.sign(typ, claims)
}

// Verify is as Ring.Verify, with the keys of all files.
func (s *Static) Verify(compact string) (payload []byte, typ string, err error) {
	return s.signed.verify(compact)
}

// JWKS is the document to serve.
func (s *Static) JWKS() Document { return s.jwks }

// Ready is always nil.
func (s *Static) Ready() error { return nil }

// List tells about every key.
func (s *Static) List() []Info { return slices.Clone(s.files) }

// Format tells nothing of what is inside, under every verb.
func (s *Static) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys.Static") }
