package config

import (
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/keys"
)

// Signing says where the signing keys come from.
type Signing struct {
	Files  keys.Files  // none: a ring in Redis that rotates itself
	Policy keys.Policy // of the ring
}

// InFiles reports whether the keys are the operator's own files, once a
// configuration is accepted: RS256 is never missing.
func (signing Signing) InFiles() bool { return len(signing.Files.Keys) > 0 }

// RefreshKeysEvery is how often a replica looks for what others did to the keys.
// How keys rotate has to leave time for that.
const RefreshKeysEvery = 5 * time.Second

func readSigning(s document.Section, longestToken time.Duration) Signing {
	var signing Signing
	files, ps256 := s.Value("files"), s.Value("ps256_files")
	if s.Value("source").Choice("redis", "redis", "pem") == "pem" {
		for _, key := range []string{"rotate_every", "publish_ahead", "keep"} {
			if v := s.Value(key); v.There() {
				v.Wrong("is for source: redis; keys from files are rotated by changing the files, so leave the key out")
			}
		}
		s.Missing("files", "list the PEM files, each with one private key; the first of an algorithm signs")
		signing.Files = readKeyFiles(files, ps256)
		return signing
	}
	for _, v := range []document.Value{files, ps256} {
		if v.There() {
			v.Wrong("is for source: pem; write that, or leave the files out")
		}
	}
	signing.Policy = readPolicy(s, longestToken)
	return signing
}

// readPolicy reads how keys rotate. Whether the lengths fit each other is the
// policy's to say.
func readPolicy(s document.Section, longestToken time.Duration) keys.Policy {
	const year = 365 * 24 * time.Hour
	usual := keys.DefaultPolicy(longestToken)
	every, ahead, keep := s.Value("rotate_every"), s.Value("publish_ahead"), s.Value("keep")
	p := keys.Policy{
		Every:  every.Duration(usual.Every, 0, year),
		Ahead:  ahead.Duration(usual.Ahead, 0, year),
		Keep:   keep.Duration(usual.Keep, 0, year),
		MaxAge: usual.MaxAge,
	}
	err := p.Check(RefreshKeysEvery, longestToken)
	if err == nil {
		return p
	}
	for line := range strings.Lines(err.Error()) {
		text := strings.TrimPrefix(strings.TrimSpace(line), "keys: ")
		switch {
		case strings.HasPrefix(text, "every"):
			every.Wrong("%s", text)
		case strings.HasPrefix(text, "keep"):
			keep.Wrong("%s", text)
		default:
			ahead.Wrong("%s", text)
		}
	}
	return p
}

// readKeyFiles reads both lists. A key in both is the second's to complain of.
func readKeyFiles(usual, ps256 document.Value) keys.Files {
	files := keys.Files{
		Keys: readKeyList(usual, "RSA of at least 2048 bits, EC on P-256, or Ed25519",
			func(list ...string) keys.Files { return keys.Files{Keys: list} }),
		PS256: readKeyList(ps256, "RSA of at least 2048 bits",
			func(list ...string) keys.Files { return keys.Files{PS256: list} }),
	}
	if len(files.Keys) > 0 && len(files.PS256) > 0 {
		if _, err := keys.FromPEM(beginning, files); err != nil {
			ps256.Wrong("%s; a published key has one algorithm, so make another for PS256", strings.TrimPrefix(err.Error(), "keys: "))
		}
	}
	return files
}

// readKeyList reads one list; as is that list alone. Nothing comes back of a list
// that names a key twice.
func readKeyList(v document.Value, kinds string, as func(...string) keys.Files) []string {
	files := make([]string, 0)
	for _, item := range v.Items() {
		file := item.PrivateFile()
		if file == "" {
			continue // complained of
		}
		if _, err := keys.FromPEM(beginning, as(file)); err != nil {
			item.Wrong("%s; write a PEM file with one private key: %s", strings.TrimPrefix(err.Error(), "keys: "+file+": "), kinds)
			continue
		}
		files = append(files, file)
	}
	if v.List() && len(v.Items()) == 0 {
		v.Wrong("is empty; list the PEM files, each with one private key")
	}
	if len(files) == 0 {
		return nil
	}
	if _, err := keys.FromPEM(beginning, as(files...)); err != nil {
		v.Wrong("%s; name each key once", strings.TrimPrefix(err.Error(), "keys: "))
		return nil
	}
	return files
}

// beginning stands in for a clock where no time is of interest.
func beginning() time.Time { return time.Time{} }

// suits complains of clients whose algorithm no file can sign, and where RS256
// is missing, which every provider must have (OpenID Connect Discovery 1.0 §3).
func (signing Signing) suits(s document.Section, clients Clients, root document.Section) {
	if !signing.InFiles() {
		return
	}
	static, err := keys.FromPEM(beginning, signing.Files)
	if err != nil {
		return // complained of
	}
	can := AlgorithmsOf(static.List())
	if !slices.Contains(can, keys.RS256) {
		s.Value("files").Wrong("has no RSA key, and RS256 is what every client may expect; add one")
	}
	sections := root.Sections("clients")
	for i, client := range clients {
		idToken, userinfo := sections[i].Value("signing_alg"), sections[i].Value("userinfo_signed_response_alg")
		if idToken.There() || client.FAPI2 { // whose usual one is not RS256
			lacking(idToken, client.SigningAlg, can)
		}
		if userinfo.There() {
			lacking(userinfo, client.UserinfoAlg, can)
		}
	}
}

func lacking(v document.Value, algorithm keys.Algorithm, can []keys.Algorithm) {
	if algorithm != "" && !slices.Contains(can, algorithm) {
		v.Wrong("is %q, and %s has no key for it; add one, or choose another algorithm", algorithm, KeyFilesFor(algorithm))
	}
}

// KeyFilesFor names the entry where a key file for the algorithm would stand.
func KeyFilesFor(algorithm keys.Algorithm) string {
	if algorithm == keys.PS256 {
		return "keys.ps256_files"
	}
	return "keys.files"
}

// AlgorithmsOf are the algorithms that keys sign with now, each of them once.
func AlgorithmsOf(list []keys.Info) []keys.Algorithm {
	var found []keys.Algorithm
	for _, info := range list {
		if info.State == keys.Current && !slices.Contains(found, info.Algorithm) {
			found = append(found, info.Algorithm)
		}
	}
	return found
}
