package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// Files names PEM files, each with one private key: PKCS#8, PKCS#1 or SEC 1. An RSA key does not say which of its
// two algorithms it is for, and in a JWKS it has one (RFC 7517 section 4.4): hence two lists, and no key in both.
type Files struct {
	Keys  []string // RSA of at least 2048 bits for RS256, EC on P-256 for ES256, Ed25519 for EdDSA
	PS256 []string // RSA of at least 2048 bits
}

func (f Files) read() ([]Key, error) {
	if len(f.Keys)+len(f.PS256) == 0 {
		return nil, errors.New("keys: no PEM file is named")
	}
	var found []Key
	var problems []error
	seen := make(map[string]string)
	read := func(file string, algorithmOf func(crypto.PublicKey) (Algorithm, error)) {
		key, err := readKey(file, algorithmOf)
		if err != nil {
			problems = append(problems, fmt.Errorf("keys: %s: %w", file, err))
			return
		}
		if other, twice := seen[key.id]; twice {
			problems = append(problems, fmt.Errorf("keys: %s: the same key as in %s", file, other))
			return
		}
		seen[key.id] = file
		found = append(found, key)
	}
	for _, file := range f.Keys {
		read(file, algorithmFor)
	}
	for _, file := range f.PS256 {
		read(file, onlyPS256)
	}
	return found, errors.Join(problems...)
}

func readKey(file string, algorithmOf func(crypto.PublicKey) (Algorithm, error)) (Key, error) {
	signer, err := readPEM(file)
	if err != nil {
		return Key{}, err
	}
	algorithm, err := algorithmOf(signer.Public())
	if err != nil {
		return Key{}, err
	}
	return newKey(algorithm, signer)
}

// readPEM returns the one private key of a file. Errors do not hold what the file holds.
func readPEM(file string) (crypto.Signer, error) {
	rest, err := os.ReadFile(file) //nolint:gosec // the operator's configuration names the file
	if err != nil {
		return nil, err
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
			return nil, errors.New("more than one key: one file each, so that their order can be told")
		}
		if found, err = parsePEM(block); err != nil {
			return nil, err
		}
	}
	if found == nil {
		return nil, errors.New("no PEM block in it")
	}
	return found, nil
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
		return nil, unsupported(key)
	}
	return signer, nil
}
