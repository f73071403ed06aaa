package signed_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/signed"
)

// vector is a token that a specification prints, with the key that it prints for it.
type vector struct {
	Token string          `json:"token"`
	Key   jose.JSONWebKey `json:"key"`
}

// vectors are named by specification and section.
func vectors(t testing.TB) map[string]vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPrintedSignatures(t *testing.T) {
	all := vectors(t)
	if len(all) != 7 {
		t.Errorf("%d vectors", len(all))
	}
	for name, v := range all {
		token, err := signed.Parse(v.Token, "RS256", "ES256")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		payload, err := token.Verify([]jose.JSONWebKey{v.Key})
		if err != nil || !json.Valid(payload) {
			t.Errorf("%s: %q, %v", name, payload, err)
		}
		for other, w := range all {
			if _, err := token.Verify([]jose.JSONWebKey{w.Key}); (err == nil) != (thumbprint(t, v.Key) == thumbprint(t, w.Key)) {
				t.Errorf("%s with the key of %s: %v", name, other, err)
			}
		}
	}
}

func thumbprint(t testing.TB, key jose.JSONWebKey) string {
	t.Helper()
	print, err := signed.ThumbprintOf(key)
	if err != nil {
		t.Fatal(err)
	}
	return print
}

// RFC 7638 section 3.1, letter by letter.
func TestPrintedThumbprint(t *testing.T) {
	const example = `{
      "kty": "RSA",
      "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      "e": "AQAB",
      "alg": "RS256",
      "kid": "2011-04-29"
     }`
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(example), &key); err != nil {
		t.Fatal(err)
	}
	if got, want := thumbprint(t, key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// RFC 9449 sections 4.1 and 7.1, and the thumbprint of their key in section 6.1.
func TestPrintedProofs(t *testing.T) {
	const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	for _, row := range []struct {
		name  string
		rules signed.ProofRules
		want  signed.Proof
	}{
		{
			"RFC 9449 4.1",
			signed.ProofRules{Method: "POST", URL: "https://server.example.com/token"},
			signed.Proof{Algorithm: "ES256", Thumbprint: jkt, ID: "-BwC3ESc6acc2lTc", Issued: time.Unix(1562262616, 0)},
		},
		{
			"RFC 9449 7.1",
			signed.ProofRules{Method: "GET", URL: "https://resource.example.org/protectedresource", AccessToken: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"},
			signed.Proof{Algorithm: "ES256", Thumbprint: jkt, ID: "e1j3V_bKic8-LAEB", Issued: time.Unix(1562262618, 0)},
		},
	} {
		row.rules.Now = time.Unix(1562262630, 0)
		got, err := signed.ReadProof(vectors(t)[row.name].Token, row.rules)
		if err != nil || got != row.want {
			t.Errorf("%s: %+v, %v", row.name, got, err)
		}
	}
}

// RFC 9101 section 4, OpenID Connect Core section 6.1.
func TestPrintedRequests(t *testing.T) {
	const claims = `{"userinfo":{"given_name":{"essential":true},"nickname":null,"email":{"essential":true},` +
		`"email_verified":{"essential":true},"picture":null},"id_token":{"gender":null,` +
		`"birthdate":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}`
	for name, claims := range map[string]string{"RFC 9101 4": "", "OpenID Connect Core 6.1": claims} {
		v := vectors(t)[name]
		token, err := signed.Parse(v.Token, "RS256")
		if err != nil || !token.IsRequest() {
			t.Fatalf("%s: %v", name, err)
		}
		payload, err := token.Verify([]jose.JSONWebKey{v.Key})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := signed.ReadRequest(payload, signed.RequestRules{ClientID: "s6BhdRkqt3", Issuer: "https://server.example.com", Now: now})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Get("claims") != claims {
			t.Errorf("%s: claims %s", name, got.Get("claims"))
		}
		got.Del("claims")
		want := "client_id=s6BhdRkqt3&max_age=86400&nonce=n-0S6_WzA2Mj&redirect_uri=https%3A%2F%2Fclient.example.org%2Fcb" +
			"&response_type=code+id_token&scope=openid&state=af0ifjsldkj"
		if got.Encode() != want {
			t.Errorf("%s: %s", name, strings.ReplaceAll(got.Encode(), "&", "\n"))
		}
	}
}
