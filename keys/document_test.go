package keys_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/keys"
)

// The examples of the RFCs, letter by letter.
func TestThumbprints(t *testing.T) {
	const example = `{
      "kty": "RSA",
      "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      "e": "AQAB",
      "alg": "RS256",
      "kid": "2011-04-29"
     }`
	const edwards = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	for _, row := range []struct{ rfc, jwk, want string }{
		{"7638 section 3.1", example, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{"8037 appendix A.3", edwards, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		var jwk jose.JSONWebKey
		if err := json.Unmarshal([]byte(row.jwk), &jwk); err != nil {
			t.Fatal(err)
		}
		if got, err := keys.Thumbprint(jwk.Key); err != nil || got != row.want {
			t.Errorf("RFC %s: %s, %v; want %s", row.rfc, got, err, row.want)
		}
	}
}

// Every published key has use, alg, a kid that is its own thumbprint, and nothing private.
func TestPublishedKeys(t *testing.T) {
	var document struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(allAlgorithms(t).JWKS().Body, &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Keys) != len(keys.Algorithms()) {
		t.Fatalf("%d keys", len(document.Keys))
	}
	kids := make(map[string]bool)
	for _, key := range document.Keys {
		kids[key["kid"]] = true
		var members, hashed string
		switch key["alg"] {
		case "RS256", "PS256":
			members = "alg e kid kty n use"
			hashed = fmt.Sprintf(`{"e":%q,"kty":"RSA","n":%q}`, key["e"], key["n"])
		case "ES256":
			members = "alg crv kid kty use x y"
			hashed = fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, key["x"], key["y"])
		case "EdDSA":
			members = "alg crv kid kty use x"
			hashed = fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":%q}`, key["x"])
		}
		if got := strings.Join(slices.Sorted(maps.Keys(key)), " "); got != members {
			t.Errorf("%s: members %s, want %s", key["alg"], got, members)
		}
		sum := sha256.Sum256([]byte(hashed))
		if want := base64.RawURLEncoding.EncodeToString(sum[:]); key["kid"] != want || key["use"] != "sig" {
			t.Errorf("%s: kid %s, want %s; use %s", key["alg"], key["kid"], want, key["use"])
		}
	}
	if len(kids) != len(document.Keys) {
		t.Errorf("%d keys have %d names", len(document.Keys), len(kids))
	}
	if got := allAlgorithms(t).JWKS().Algorithms; !slices.Equal(got, keys.Algorithms()) {
		t.Errorf("it says that there are keys of %v", got)
	}
}

func TestDocumentChangesWithTheKeysOnly(t *testing.T) {
	w := newWorld()
	ring, _ := w.replica()
	refresh(t, ring)
	first := ring.JWKS()
	if tag := first.ETag; len(tag) < 12 || tag[0] != '"' || tag[len(tag)-1] != '"' || strings.Count(tag, `"`) != 2 {
		t.Errorf("ETag %s", tag)
	}
	w.Advance(day)
	refresh(t, ring)
	if same := ring.JWKS(); &same.Body[0] != &first.Body[0] || same.ETag != first.ETag {
		t.Error("built again without a change")
	}
	w.Advance(27 * day)
	refresh(t, ring)
	second := ring.JWKS()
	if second.ETag == first.ETag {
		t.Error("another document has the same ETag")
	}
	if got := second.Algorithms; !slices.Equal(got, []keys.Algorithm{keys.ES256}) {
		t.Errorf("two keys, and it says that there are keys of %v", got)
	}
	w.Advance(2 * day) // the next key signs: that is no change of the document
	refresh(t, ring)
	if ring.JWKS().ETag != second.ETag {
		t.Error("handing over changes the document")
	}
}

// A replica that has not seen Redis for a while lets nobody keep its answer until a key signs that it may not know.
func TestMaxAge(t *testing.T) {
	w := newWorld()
	ring, line := w.replica()
	refresh(t, ring)
	line.cut = true
	for _, row := range []struct {
		since, want time.Duration // since the last refresh
	}{
		{0, keys.DefaultMaxAge},
		{day, keys.DefaultMaxAge},
		{2*day - keys.Slack - keys.DefaultMaxAge, keys.DefaultMaxAge},
		{2*day - keys.Slack - 10*time.Minute, 10 * time.Minute},
		{2*day - keys.Slack, 0},
		{3 * day, 0},
	} {
		w.Advance(start.Add(row.since).Sub(w.Now()))
		if err := ring.Refresh(t.Context()); err == nil {
			t.Fatal("the line is not cut")
		}
		if got := ring.JWKS().MaxAge; got != row.want {
			t.Errorf("%s after the last refresh: %s, want %s", row.since, got, row.want)
		}
	}
	line.cut = false
	refresh(t, ring)
	if got := ring.JWKS().MaxAge; got != keys.DefaultMaxAge {
		t.Errorf("Redis is back: %s", got)
	}
}
