package app

import (
	"slices"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/app/document"
	"itsme-bridge/keys"
)

// Signing says where the signing keys come from.
type Signing struct {
	Files  []string    // PEM; none: a ring in Redis that rotates itself
	Policy keys.Policy // of the ring
}

// refreshEvery is how often a replica looks for what others did to the keys.
const refreshEvery = time.Minute

func readSigning(s document.Section, longestToken time.Duration) Signing {
	var signing Signing
	files := s.Value("files")
	if s.Value("source").Choice("redis", "redis", "pem") == "pem" {
		for _, key := range []string{"rotate_every", "publish_ahead", "keep"} {
			if v := s.Value(key); v.There() {
				v.Wrong("is for source: redis; keys from files are rotated by changing the files, so leave the key out")
			}
		}
		s.Missing("files", "list the PEM files, each with one private key; the first of an algorithm signs")
		signing.Files = readKeyFiles(files)
		return signing
	}
	if files.There() {
		files.Wrong("is for source: pem; write that, or leave the files out")
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
	err := p.Check(refreshEvery, longestToken)
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

func readKeyFiles(v document.Value) []string {
	files := make([]string, 0)
	for _, item := range v.Items() {
		file := item.PrivateFile()
		if file == "" {
			continue // complained of
		}
		if _, err := keys.FromPEM(beginning, file); err != nil {
			item.Wrong("%s; write a PEM file with one private key: RSA of at least 2048 bits, or EC on P-256",
				strings.TrimPrefix(err.Error(), "keys: "+file+": "))
			continue
		}
		files = append(files, file)
	}
	switch {
	case v.List() && len(v.Items()) == 0:
		v.Wrong("is empty; list the PEM files, each with one private key")
	case len(files) > 0:
		if _, err := keys.FromPEM(beginning, files...); err != nil {
			v.Wrong("%s; name each key once", strings.TrimPrefix(err.Error(), "keys: "))
		}
	}
	return files
}

// beginning stands in for a clock where no time is of interest.
func beginning() time.Time { return time.Time{} }

// suits complains of clients whose algorithm no file can sign, and where RS256
// is missing, which every provider must have (OpenID Connect Discovery 1.0 §3).
func (signing Signing) suits(s document.Section, clients Clients, root document.Section) {
	if len(signing.Files) == 0 {
		return
	}
	static, err := keys.FromPEM(beginning, signing.Files...)
	if err != nil {
		return // complained of
	}
	can := algorithmsOf(static.List())
	if !slices.Contains(can, keys.RS256) {
		s.Value("files").Wrong("has no RSA key, and RS256 is what every client may expect; add one")
	}
	sections := root.Sections("clients")
	for i, client := range clients {
		if v := sections[i].Value("signing_alg"); v.There() && !slices.Contains(can, client.SigningAlg) {
			v.Wrong("is %s, and keys.files has no key for it; add one, or choose another algorithm", v.Quoted())
		}
	}
}

// algorithmsOf are the algorithms that something signs with now.
func algorithmsOf(list []keys.Info) []keys.Algorithm {
	var found []keys.Algorithm
	for _, info := range list {
		if info.State == keys.Current && !slices.Contains(found, info.Algorithm) {
			found = append(found, info.Algorithm)
		}
	}
	return found
}
