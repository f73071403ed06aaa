package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// Static is keys from files, for those whose keys come from a KMS, an HSM's export or a secret manager. It signs and
// serves as a Ring does, and never changes.
//
// Rotating is the operator's: add the next key's file after the current one and restart everywhere; after max-age and
// more, put it first; take the old one away when its last token is dead.
type Static struct {
	files []Info
	keys  map[Algorithm]signer
	jwks  Document
}

// FromPEM reads private keys: PKCS#8, PKCS#1 or SEC 1, one per file; RSA of at least 2048 bits, or EC on P-256. The first
// of each algorithm signs, all are published. It complains of every file at once, and never quotes one.
func FromPEM(now func() time.Time, files ...string) (*Static, error) {
	s := &Static{keys: make(map[Algorithm]signer)}
	if len(files) == 0 {
		return nil, errors.New("keys: no PEM file is named")
	}
	var published []Key
	var problems []error
	seen := make(map[string]string)
	for _, file := range files {
		key, err := readPEM(file)
		if err != nil {
			problems = append(problems, fmt.Errorf("keys: %s: %w", file, err))
			continue
		}
		if other, twice := seen[key.id]; twice {
			problems = append(problems, fmt.Errorf("keys: %s: the same key as in %s", file, other))
			continue
		}
		seen[key.id] = file
		published = append(published, key)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
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
	var err error
	s.jwks, err = newDocument(published)
	s.jwks.MaxAge = DefaultMaxAge
	return s, err
}

// readPEM returns the one private key of a file. Errors do not hold what the file holds.
func readPEM(file string) (Key, error) {
	rest, err := os.ReadFile(file) //nolint:gosec // the operator's configuration names the file
	if err != nil {
		return Key{}, err
	}
	var found crypto.Signer
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "EC PARAMETERS" { // what openssl ecparam -genkey puts first
			continue
		}
		if found != nil {
			return Key{}, errors.New("more than one key: one file each, so that their order can be told")
		}
		if found, err = parsePEM(block); err != nil {
			return Key{}, err
		}
	}
	if found == nil {
		return Key{}, errors.New("no PEM block in it")
	}
	return newKey(found)
}

func parsePEM(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		if block.Headers["DEK-Info"] != "" {
			return nil, errors.New("the key is encrypted: give it decrypted")
		}
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("a PEM block %q, and a private key is wanted", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("the %s cannot be read", block.Type)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T, and only RSA and EC are supported", key)
	}
	return signer, nil
}

// Sign is as Ring.Sign.
func (s *Static) Sign(_ context.Context, a Algorithm, claims []byte) (string, error) {
	signer, ok := s.keys[a]
	if !ok {
		return "", fmt.Errorf("keys: sign with %q: %w among the PEM files", string(a), ErrAlgorithm)
	}
	return signer.sign(claims)
}

// JWKS is the document to serve.
func (s *Static) JWKS() Document { return s.jwks }

// Ready is always nil.
func (s *Static) Ready() error { return nil }

// List tells about every key.
func (s *Static) List() []Info { return slices.Clone(s.files) }

// Format tells nothing of what is inside, under every verb.
func (s *Static) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys.Static") }
