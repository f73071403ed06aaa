package signed_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/signed"
)

func plainProof() members {
	return members{"htm": "POST", "htu": endpoint, "iat": at(0), "jti": "one"}
}

// proof signs claims with P-256, after changes of its header.
func proof(t testing.TB, header, claims members) string {
	t.Helper()
	plain := members{"typ": "dpop+jwt", "alg": "ES256", "jwk": jose.JSONWebKey{Key: ecKey().Public()}}
	return compact(t, "ES256", ecKey(), plain.with(header).json(t), plainProof().with(claims).json(t))
}

func TestReadProofClaims(t *testing.T) {
	const (
		noMethod = "The claim htm is not the method of this request."
		noURL    = "The claim htu is not the URL of this request."
		noHash   = "The claim ath is not the hash of the access token."
	)
	rules := signed.ProofRules{Method: "POST", URL: endpoint, Now: now}
	with := func(f func(*signed.ProofRules)) signed.ProofRules { r := rules; f(&r); return r }
	long := with(func(r *signed.ProofRules) { r.MaxAge = time.Hour })
	token := with(func(r *signed.ProofRules) { r.AccessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU" })
	const hash = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" // RFC 9449 §7.1
	for _, row := range []struct {
		name   string
		claims members
		rules  signed.ProofRules
		want   string
	}{
		{"as it should be", nil, rules, ""},
		{"with query and fragment", members{"htu": endpoint + "?a=b#c"}, rules, ""},
		{"for a resource", members{"ath": hash}, token, ""},
		{"an ath that nobody asked for", members{"ath": hostile}, rules, ""},

		{"no htm", members{"htm": nil}, rules, noMethod},
		{"another method", members{"htm": "GET"}, rules, noMethod},
		{"the method in lower case", members{"htm": "post"}, rules, noMethod},
		{"no method at all", members{"htm": nil}, with(func(r *signed.ProofRules) { r.Method = "" }), noMethod},
		{"no htu", members{"htu": nil}, rules, noURL},
		{"htu is a list", members{"htu": []string{endpoint}}, rules, noURL},
		{"another endpoint", members{"htu": issuer + "/par"}, rules, noURL},
		{"no URL at all", members{"htu": ""}, with(func(r *signed.ProofRules) { r.URL = "" }), noURL},

		{"no iat", members{"iat": nil}, rules, "The claim iat is missing."},
		{"iat is a string", members{"iat": "1800000000"}, rules, "The claim iat is not a number of seconds since 1970."},
		{"a minute old", members{"iat": at(-time.Minute)}, rules, ""},
		{"older", members{"iat": at(-time.Minute - time.Second)}, rules, "The claim iat lies too far in the past."},
		{"as old as it may be", members{"iat": at(-time.Hour)}, long, ""},
		{"older than that", members{"iat": at(-time.Hour - time.Second)}, long, "The claim iat lies too far in the past."},
		{"10 s ahead", members{"iat": at(10 * time.Second)}, rules, ""},
		{"11 s ahead", members{"iat": at(11 * time.Second)}, rules, "The claim iat lies in the future."},
		{"expired", members{"exp": at(0)}, rules, "The claim exp lies in the past."},
		{"not yet", members{"nbf": at(time.Minute)}, rules, "The claim nbf lies in the future."},

		{"no jti", members{"jti": nil}, rules, "The claim jti is missing."},
		{"a long jti", members{"jti": strings.Repeat("x", 257)}, rules, "The claim jti is too long."},
		{"nonce is a number", members{"nonce": 1}, rules, "The claim nonce is not a string."},
		{"no ath", nil, token, noHash},
		{"another ath", members{"ath": hash[1:] + "o"}, token, noHash},
		{"ath is a list", members{"ath": []string{hash}}, token, noHash},
	} {
		got, err := signed.ReadProof(proof(t, nil, row.claims), row.rules)
		if row.want != "" {
			refused(t, row.name, err, row.want)
			if got != (signed.Proof{}) {
				t.Errorf("%s: %v", row.name, got)
			}
			continue
		}
		if err != nil || got.ID != "one" {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
	}
}

func TestReadProofHeader(t *testing.T) {
	key := jose.JSONWebKey{Key: ecKey().Public()}
	for _, row := range []struct {
		name   string
		header members
		want   string
	}{
		{"as it should be", nil, ""},
		{"typ in full", members{"typ": "application/dpop+jwt"}, ""},
		{"a kid", members{"kid": "k1"}, ""},
		{"no typ", members{"typ": nil}, "The typ of the proof is not dpop+jwt."},
		{"another typ", members{"typ": "JWT"}, "The typ of the proof is not dpop+jwt."},
		{"no alg", members{"alg": nil}, notAccepted},
		{"none", members{"alg": "none"}, notAccepted},
		{"an HMAC", members{"alg": "HS256"}, notAccepted},
		{"another alg than signed", members{"alg": "EdDSA"}, "The jwk of the proof does not fit its alg."},
		{"no jwk", members{"jwk": nil}, "The header of the proof has no jwk."},
		{"jwk is null", members{"jwk": json.RawMessage("null")}, "The header of the proof has no jwk."},
		{"only a kid", members{"jwk": nil, "kid": "k1"}, "The header of the proof has no jwk."},
		{"a private jwk", members{"jwk": jose.JSONWebKey{Key: ecKey()}}, malformed},
		{"a secret as jwk", members{"jwk": jose.JSONWebKey{Key: []byte(hostile)}}, malformed},
		{"a jwk of an unknown kind", members{"jwk": members{"kty": hostile}}, malformed},
		{"a jwk off the curve", members{"jwk": members{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}}, malformed},
		{"a jwk to encrypt with", members{"jwk": jose.JSONWebKey{Key: key.Key, Use: "enc"}}, "The jwk of the proof does not fit its alg."},
		{"a jwk on P-384", members{"jwk": jose.JSONWebKey{Key: p384Key().Public()}}, "The jwk of the proof does not fit its alg."},
		{"another's jwk", members{"jwk": jose.JSONWebKey{Key: otherKey().Public()}}, "The signature of the proof is not by its jwk."},
		{"crit", members{"crit": []string{"jwk"}}, critical},
	} {
		got, err := signed.ReadProof(proof(t, row.header, nil), signed.ProofRules{Method: "POST", URL: endpoint, Now: now})
		if row.want != "" {
			refused(t, row.name, err, row.want)
			continue
		}
		if err != nil || got.Thumbprint != thumbprint(t, key) {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
	}
}

func TestReadProofAlgorithms(t *testing.T) {
	rules := signed.ProofRules{Method: "POST", URL: endpoint, Now: now}
	for _, row := range []struct {
		alg  string
		key  any
		jwk  jose.JSONWebKey
		want string
	}{
		{"RS256", rsaKey(), public(rsaKey()), ""},
		{"PS256", rsaKey(), public(rsaKey()), ""},
		{"ES256", ecKey(), public(ecKey()), ""},
		{"EdDSA", edKey(), public(edKey()), ""},
		{"RS256", weakKey(), public(weakKey()), "The jwk of the proof does not fit its alg."},
	} {
		header := members{"typ": "dpop+jwt", "alg": row.alg, "jwk": row.jwk}.json(t)
		token := compact(t, row.alg, row.key, header, plainProof().json(t))
		rules.Algorithms = nil
		got, err := signed.ReadProof(token, rules)
		if row.want != "" {
			refused(t, row.alg, err, row.want)
			continue
		}
		if err != nil || got.Thumbprint != thumbprint(t, row.jwk) {
			t.Errorf("%s: %v, %v", row.alg, got, err)
		}
		rules.Algorithms = []string{"ES384", "HS256"}
		_, err = signed.ReadProof(token, rules)
		refused(t, row.alg, err, notAccepted)
	}
}

func TestReadProofTellsWhatToCheck(t *testing.T) {
	token := proof(t, nil, members{"nonce": "n", "jti": strings.Repeat("x", 256), "iat": at(-time.Second)})
	got, err := signed.ReadProof(token, signed.ProofRules{Method: "POST", URL: endpoint, Now: now})
	want := signed.Proof{Algorithm: "ES256", Nonce: "n", ID: strings.Repeat("x", 256), Issued: now.Add(-time.Second), Thumbprint: thumbprint(t, jose.JSONWebKey{Key: ecKey().Public()})}
	if err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
}

func TestReadProofAmbiguous(t *testing.T) {
	token := proof(t, nil, nil)
	header, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	_, err := signed.ReadProof(compact(t, "ES256", ecKey(), header, repeated(plainProof().json(t), "htm")), signed.ProofRules{Method: "POST", URL: endpoint, Now: now})
	refused(t, "htm twice", err, badPayload)
}

// RFC 3986 sections 6.2.2 and 6.2.3.
func TestTargets(t *testing.T) {
	for _, row := range []struct {
		ours, theirs string
		same         bool
	}{
		{"https://op.example/token", "https://op.example/token", true},
		{"https://op.example/token", "HTTPS://OP.Example/token", true},
		{"https://op.example/token", "https://op.example:443/token", true},
		{"https://op.example/token", "https://op.example:/token", true},
		{"https://op.example:443/token", "https://op.example/token", true},
		{"http://localhost:80/token", "http://localhost/token", true},
		{"https://op.example/token?x=y", "https://op.example/token#z", true},
		{"https://op.example/token", "https://op.example/a/../token", true},
		{"https://op.example/token", "https://op.example/./token", true},
		{"https://op.example/token", "https://op.example/%2e/token", true},
		{"https://op.example/token", "https://op.example/%74o%6Ben", true},
		{"https://op.example/a%2Fb", "https://op.example/a%2fb", true},
		{"https://op.example/%c3%A9", "https://op.example/\u00e9", true},
		{"https://op.example", "https://op.example/", true},
		{"http://[::1]:8080/token", "http://[::1]:8080/token", true},

		{"https://op.example/token", "https://op.example/Token", false},
		{"https://op.example/token", "https://op.example/token/", false},
		{"https://op.example/token", "https://op.example//token", false},
		{"https://op.example/token", "https://evil.example//op.example/token", false},
		{"https://op.example/token", "https://op.example.evil.example/token", false},
		{"https://op.example/token", "http://op.example/token", false},
		{"https://op.example/token", "http://op.example:443/token", false},
		{"https://op.example/token", "https://op.example:80/token", false},
		{"http://localhost/token", "http://localhost:443/token", false},
		{"https://op.example/token", "https://op.example:8443/token", false},
		{"https://op.example/token", "https://user@op.example/token", false},
		{"https://op.example/token", "//op.example/token", false},
		{"https://op.example/token", "/token", false},
		{"https://op.example/token", "https:op.example/token", false},
		{"https://op.example/token", "https://op.example/%zz", false},
		{"https://op.example/token", "https://op.example/token%", false},
		{"https://op.example/token", " https://op.example/token", false},
		{"https://op.example/a/b", "https://op.example/a%2Fb", false},
		{"https://op.example/a/b", "https://op.example/x/..%2Fa/b", false},
	} {
		_, err := signed.ReadProof(proof(t, nil, members{"htu": row.theirs}), signed.ProofRules{Method: "POST", URL: row.ours, Now: now})
		if (err == nil) != row.same {
			t.Errorf("%s and %s: %v", row.ours, row.theirs, err)
		}
	}
}
