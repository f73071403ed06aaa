package config

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"unicode/utf8"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/storage"
)

// MasterKey is the server's keys. A new one is accepted everywhere first, and
// made current then.
type MasterKey struct {
	Current storage.Key
	Accept  []storage.Key
}

// A secret that people think of is guessed. Random text of this length is not,
// and it looks like this.
const (
	leastLength  = 32 // characters, or bytes of a key
	leastVariety = 10 // different ones
)

func readMasterKey(s document.Section, about situation) MasterKey {
	var m MasterKey
	current, at := s.Secret("current")
	at.Missing("make 32 random bytes, for example with: openssl rand -base64 32")
	m.Current = readKey(current, at, about)
	accept := s.Value("accept")
	for _, item := range accept.Items() {
		m.Accept = append(m.Accept, readKey(item.Secret(), item, about))
	}
	for _, item := range s.Value("accept_files").Items() {
		m.Accept = append(m.Accept, readKey(item.SecretFile(), item, about))
	}
	return m
}

func readKey(secret document.Secret, at document.Value, about situation) storage.Key {
	if !secret.Given() {
		return storage.Key{}
	}
	key, err := storage.ParseKey(secret.Reveal())
	if err != nil {
		at.Wrong("is not 32 bytes as base64 or as 64 hex digits; make one, for example with: openssl rand -base64 32")
		return storage.Key{}
	}
	if variety(key[:]) < leastVariety {
		at.Wrong("does not look random; make one, for example with: openssl rand -base64 32")
	}
	if about.notExampleHash(sha256.Sum256(key[:]), at) {
		about.doubtSecret(secret.Reveal(), at)
	}
	return key
}

// readSubjects reads the salt of pairwise subjects. Another salt makes everybody
// a stranger to every client, so it must be meant: the fingerprint says which
// one is.
func readSubjects(s document.Section, about situation) document.Secret {
	salt, at := s.Secret("salt")
	fingerprint := s.Value("fingerprint")
	at.Missing("make one once and keep it for ever, for example with: openssl rand -base64 32")
	if !salt.Given() || !strong(salt, at, about) {
		return salt
	}
	want := Fingerprint(salt)
	switch given := fingerprint.Text(); {
	case !fingerprint.There():
		fingerprint.Wrong("is missing; write fingerprint: %s, which is that of this salt", want)
	case given != "" && given != want:
		said := "something else" // perhaps the salt itself
		if fingerprints.MatchString(given) {
			said = fingerprint.Quoted()
		}
		fingerprint.Wrong("is %s, and this salt's is %s; with another salt everybody is a stranger to every client, so find the right one",
			said, want)
	}
	return salt
}

var fingerprints = regexp.MustCompile(`^[0-9a-f]{16}$`)

// Fingerprint tells one salt from another, and nothing of it: 16 hex digits.
func Fingerprint(salt document.Secret) string {
	sum := sha256.Sum256([]byte("itsme-bridge salt 1" + salt.Reveal()))
	return hex.EncodeToString(sum[:8])
}

// strong refuses a secret that might be guessed, or that everybody knows.
func strong(secret document.Secret, at document.Value, about situation) bool {
	text := secret.Reveal()
	switch {
	case utf8.RuneCountInString(text) < leastLength:
		at.Wrong("has fewer than %d characters; make it of random ones, for example with: openssl rand -hex 32", leastLength)
	case variety([]byte(text)) < leastVariety:
		at.Wrong("does not look random; make one, for example with: openssl rand -hex 32")
	case about.notExample(secret, at):
		about.doubtSecret(text, at)
		return true
	}
	return false
}

// variety counts different bytes.
func variety(text []byte) int {
	seen := map[byte]bool{}
	for _, b := range text {
		seen[b] = true
	}
	return len(seen)
}
