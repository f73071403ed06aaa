package config

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"itsme-bridge/cmd/internal/config/document"
)

// exampleSecrets are the SHA-256 hashes of the secrets in config.yaml, which
// everybody can read there. A test holds the two together.
func exampleSecrets() []string {
	return []string{
		"3fbf0bbe0e5ac431c864f171148001b5e47d47d39607252a30bd71585595d22b", // master_key.current: of the 32 bytes, however they are written
		"7e3ece0d5c72bb93dc6b6995b9e5c85313fc0107c9bfa09260a57927f1078c5e", // subjects.salt
		"a3fb933c67aed7fa30cc2d6b0e5e45be8290e19b39b389d7d8ff284a6f7f8296", // itsme.token
		"f32d4eca6846c48a4aa535ab2517fe465eedfb6449b2f54652ce9c09fcdf3159", // clients[0].secret
	}
}

// notExample refuses the example's secrets wherever others could use them.
func (about situation) notExample(secret document.Secret, at document.Value) bool {
	return !secret.Given() || about.notExampleHash(secret.Hash(), at)
}

func (about situation) notExampleHash(hash [sha256.Size]byte, at document.Value) bool {
	if !slices.Contains(exampleSecrets(), hex.EncodeToString(hash[:])) {
		return true
	}
	if about.local {
		if about.examples != nil {
			*about.examples = append(*about.examples, at.Problem("is the example's, which everybody knows"))
		}
		return true
	}
	at.Wrong("is the example's, which everybody knows, and others can reach this bridge; make your own")
	return false
}
