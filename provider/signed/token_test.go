package signed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/signed"
)

const (
	notCompact   = "The token is not a JWS in compact serialization."
	badHeader    = "The header of the token is not a JSON object with each member once."
	notAccepted  = "The token is signed with an algorithm that is not accepted."
	critical     = "The header of the token has a critical extension."
	notString    = "A member of the header of the token is not a string."
	malformed    = "The header of the token is malformed, or embeds a key that is not public."
	notByTheirs  = "The signature is not by a key of the client."
	tooLong      = "The token is too long."
	anythingGoes = "RS256 PS256 ES256 EdDSA HS256 none None ES384 RS512"
)

func TestParse(t *testing.T) {
	plain := members{"alg": "ES256", "kid": "k1", "typ": "JWT"}
	token := func(changes members) string {
		return compact(t, "ES256", ecKey(), plain.with(changes).json(t), []byte(`{"iss":"app","sub":"app"}`))
	}
	raw := func(header string) string { return compact(t, "ES256", ecKey(), []byte(header), []byte("{}")) }
	good := token(nil)
	parts := strings.Split(good, ".")
	private := jose.JSONWebKey{Key: ecKey()}
	secret := jose.JSONWebKey{Key: []byte(hostile)}
	full, _ := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	for _, row := range []struct{ name, token, want string }{
		{"as it should be", good, ""},
		{"an embedded public key", token(members{"jwk": public(otherKey())}), ""},
		{"members that nobody knows", token(members{"x": members{"y": 1}}), ""},
		{"nothing", "", notCompact},
		{"the flattened serialization", string(full), notCompact},
		{"two parts", parts[0] + "." + parts[1], notCompact},
		{"four parts", good + ".", notCompact},
		{"an encrypted one", good + "..", notCompact},
		{"padding", good + "=", notCompact},
		{"a line break", good[:9] + "\n" + good[9:], notCompact},
		{"a carriage return at the end", good + "\r", notCompact},
		{"a space", good + " ", notCompact},
		{"bits behind the last byte", parts[0] + ".e31." + parts[2], notCompact},
		{"the longest", token(members{"x": strings.Repeat("x", 11_000)}), ""},
		{"too long", token(members{"x": strings.Repeat("x", 13_000)}), tooLong},
		{"a header that is no object", raw(`[]`), badHeader},
		{"a header that is null", raw(`null`), badHeader},
		{"something behind the header", raw(`{"alg":"ES256"} {}`), badHeader},
		{"alg twice", raw(`{"alg":"hostile","alg":"ES256"}`), badHeader},
		{"a member twice, deep down", raw(`{"alg":"ES256","x":[{"y":{"z":1,"z":1}}]}`), badHeader},
		{"the same name at two places", raw(`{"alg":"ES256","x":[{"x":{"x":1}},{"x":2}]}`), ""},
		{"no UTF-8", raw("{\"alg\":\"ES256\",\"x\":\"\xff\"}"), badHeader},
		{"too deep", raw(`{"alg":"ES256","x":` + strings.Repeat("[", 11_000)), badHeader},
		{"no alg", token(members{"alg": nil}), notAccepted},
		{"another case of alg", token(members{"Alg": "ES256", "alg": nil}), notAccepted},
		{"alg in lower case", token(members{"alg": "es256"}), notAccepted},
		{"none", token(members{"alg": "none"}), notAccepted},
		{"an HMAC", token(members{"alg": "HS256"}), notAccepted},
		{"an algorithm of longer hashes", token(members{"alg": "RS512"}), notAccepted},
		{"an algorithm that nobody knows", token(members{"alg": hostile}), notAccepted},
		{"alg is a list", token(members{"alg": []string{"ES256"}}), notString},
		{"kid is a number", token(members{"kid": 1}), notString},
		{"kid is null", token(members{"kid": json.RawMessage("null")}), notString},
		{"typ is a number", token(members{"typ": 1}), notString},
		{"crit", token(members{"crit": []string{"exp"}}), critical},
		{"an empty crit", token(members{"crit": []string{}}), critical},
		{"b64", token(members{"b64": false}), critical},
		{"b64, and critical", token(members{"b64": false, "crit": []string{"b64"}}), critical},
		{"an embedded private key", token(members{"jwk": private}), malformed},
		{"an embedded secret", token(members{"jwk": secret}), malformed},
		{"an embedded key twice", raw(`{"alg":"ES256","jwk":{"kty":"hostile"}}`), malformed},
	} {
		got, err := signed.Parse(row.token, strings.Fields(anythingGoes)...)
		if row.want != "" {
			refused(t, row.name, err, row.want)
			continue
		}
		if err != nil || got.Algorithm() != "ES256" {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	for _, algorithms := range [][]string{nil, {}, {"RS256", "PS256"}} {
		_, err := signed.Parse(good, algorithms...)
		refused(t, strings.Join(algorithms, " "), err, notAccepted)
	}
}

func TestWhatATokenSays(t *testing.T) {
	for _, row := range []struct{ header, payload, keyID, kind, issuer, subject string }{
		{`{"alg":"ES256","kid":"k1","typ":"JWT"}`, `{"iss":"a","sub":"b"}`, "k1", "jwt", "a", "b"},
		{`{"alg":"ES256","typ":"application/OAuth-Authz-Req+JWT"}`, `{"iss":["a"],"sub":null}`, "", "oauth-authz-req+jwt", "", ""},
		{`{"alg":"ES256"}`, `no object`, "", "", "", ""},
		{`{"alg":"ES256"}`, `{"iss":"a","iss":"b"}`, "", "", "", ""},
	} {
		token, err := signed.Parse(compact(t, "ES256", ecKey(), []byte(row.header), []byte(row.payload)), "ES256")
		if err != nil {
			t.Fatal(err)
		}
		issuer, subject := token.Claimed()
		if token.KeyID() != row.keyID || token.Type() != row.kind || issuer != row.issuer || subject != row.subject {
			t.Errorf("%s %s: kid %q, typ %q, iss %q, sub %q", row.header, row.payload, token.KeyID(), token.Type(), issuer, subject)
		}
	}
}

// RFC 8725 section 3.11: what is made for one purpose serves no other.
func TestTypes(t *testing.T) {
	for _, row := range []struct {
		typ                string
		assertion, request bool
	}{
		{"", true, true},
		{"JWT", true, true},
		{"jwt", true, true},
		{"application/jwt", true, true},
		{"oauth-authz-req+jwt", false, true},
		{"application/oauth-authz-req+jwt", false, true},
		{"client-authentication+jwt", true, false},
		{"logout+jwt", false, false},
		{"dpop+jwt", false, false},
		{"at+jwt", false, false},
		{"JOSE", false, false},
	} {
		token, err := signed.Parse(compact(t, "ES256", ecKey(), members{"alg": "ES256", "typ": row.typ}.json(t), []byte("{}")), "ES256")
		if err != nil {
			t.Fatal(err)
		}
		if token.IsAssertion() != row.assertion || token.IsRequest() != row.request {
			t.Errorf("%q: assertion %t, request %t", row.typ, token.IsAssertion(), token.IsRequest())
		}
	}
}

func TestUnsigned(t *testing.T) {
	encoded := func(header string) string { return base64.RawURLEncoding.EncodeToString([]byte(header)) }
	for token, want := range map[string]bool{
		encoded(`{"alg":"none"}`) + ".e30.":             true,
		encoded(`{"alg":"NoNe"}`) + ".e30.":             true,
		encoded(`{"alg":"none"}`):                       true,
		encoded(`{"alg":"ES256"}`) + ".e30.":            false,
		encoded(`{"alg":"ES256","x":"none"}`) + ".e30.": false,
		encoded(`{"alg":"none"}`) + "!.e30.":            false,
		encoded(`{}`) + ".e30.":                         false,
		"":                                              false,
		"..":                                            false,
		encoded(`{"alg":"none"}` + strings.Repeat(" ", signed.MaxSize)): false,
	} {
		if signed.Unsigned(token) != want {
			t.Errorf("%.40s: %t", token, !want)
		}
	}
}

func TestVerify(t *testing.T) {
	k1, k2 := public(ecKey()), public(otherKey())
	k2.KeyID = "k2"
	change := func(key jose.JSONWebKey, f func(*jose.JSONWebKey)) jose.JSONWebKey { f(&key); return key }
	nameless := func(k *jose.JSONWebKey) { k.KeyID = "" }
	type keys = []jose.JSONWebKey
	for _, row := range []struct {
		name    string
		alg     string
		key     any
		header  members
		keys    keys
		want    string
		unknown bool
	}{
		{"by its kid", "ES256", ecKey(), members{"kid": "k1"}, keys{k2, k1}, "", false},
		{"without a kid", "ES256", ecKey(), nil, keys{k2, public(rsaKey()), k1}, "", false},
		{"two of one kid", "ES256", ecKey(), members{"kid": "k1"}, keys{public(rsaKey()), change(k2, func(k *jose.JSONWebKey) { k.KeyID = "k1" }), k1}, "", false},
		{"a key without use", "ES256", ecKey(), members{"kid": "k1"}, keys{change(k1, func(k *jose.JSONWebKey) { k.Use = "" })}, "", false},
		{"a key of this alg", "ES256", ecKey(), members{"kid": "k1"}, keys{change(k1, func(k *jose.JSONWebKey) { k.Algorithm = "ES256" })}, "", false},
		{"RS256", "RS256", rsaKey(), members{"kid": "k1"}, keys{public(rsaKey())}, "", false},
		{"PS256", "PS256", rsaKey(), members{"kid": "k1"}, keys{public(rsaKey())}, "", false},
		{"EdDSA", "EdDSA", edKey(), members{"kid": "k1"}, keys{public(edKey())}, "", false},

		{"a wrong key", "ES256", otherKey(), members{"kid": "k1"}, keys{k1}, notByTheirs, false},
		{"a wrong key, without a kid", "ES256", otherKey(), nil, keys{k1}, notByTheirs, true},
		{"an unknown kid", "ES256", ecKey(), members{"kid": "k3"}, keys{k1, k2}, notByTheirs, true},
		{"a kid for a key without one", "ES256", ecKey(), members{"kid": "k1"}, keys{change(k1, nameless)}, notByTheirs, true},
		{"another's kid", "ES256", ecKey(), members{"kid": "k2"}, keys{k1, k2}, notByTheirs, false},
		{"no keys", "ES256", ecKey(), members{"kid": "k1"}, nil, notByTheirs, true},
		{"a key to encrypt with", "ES256", ecKey(), nil, keys{change(k1, func(k *jose.JSONWebKey) { k.Use = "enc" })}, notByTheirs, true},
		{"a key of another alg", "PS256", rsaKey(), nil, keys{change(public(rsaKey()), func(k *jose.JSONWebKey) { k.Algorithm = "RS256" })}, notByTheirs, true},
		{"signed RS256, says PS256", "RS256", rsaKey(), members{"alg": "PS256"}, keys{public(rsaKey())}, notByTheirs, true},
		{"signed PS256, says RS256", "PS256", rsaKey(), members{"alg": "RS256"}, keys{public(rsaKey())}, notByTheirs, true},
		{"a short RSA key", "RS256", weakKey(), nil, keys{public(weakKey())}, notByTheirs, true},
		{"ES256 with P-384", "ES256", p384Key(), members{"kid": "k1"}, keys{public(p384Key())}, notByTheirs, true},
		{"ES256 for an RSA key", "ES256", ecKey(), members{"kid": "k1"}, keys{public(rsaKey())}, notByTheirs, true},
		{"ES256 for an Ed25519 key", "ES256", ecKey(), members{"kid": "k1"}, keys{public(edKey())}, notByTheirs, true},
		{"a private key", "ES256", ecKey(), members{"kid": "k1"}, keys{change(k1, func(k *jose.JSONWebKey) { k.Key = ecKey() })}, notByTheirs, true},
		{"a secret", "ES256", ecKey(), members{"kid": "k1"}, keys{change(k1, func(k *jose.JSONWebKey) { k.Key = []byte(hostile) })}, notByTheirs, true},
		{"only the embedded key", "ES256", otherKey(), members{"jwk": public(otherKey())}, keys{k1}, notByTheirs, true},
	} {
		header := members{"alg": row.alg}.with(row.header).json(t)
		token, err := signed.Parse(compact(t, row.alg, row.key, header, []byte("payload")), signed.Algorithms()...)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		payload, err := token.Verify(row.keys)
		if row.want == "" {
			if err != nil || string(payload) != "payload" {
				t.Errorf("%s: %q, %v", row.name, payload, err)
			}
			continue
		}
		refused(t, row.name, err, row.want)
		if payload != nil || errors.Is(err, signed.ErrUnknownKey) != row.unknown {
			t.Errorf("%s: payload %q, %v", row.name, payload, err)
		}
	}
}

// A public key is no secret: an HMAC with it is not even read.
func TestPublicKeyIsNoSecret(t *testing.T) {
	key, err := public(rsaKey()).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	_, err = signed.Parse(compact(t, "HS256", key, []byte(`{"alg":"HS256","kid":"k1"}`), []byte("{}")), strings.Fields(anythingGoes)...)
	refused(t, "HS256", err, notAccepted)
}

func TestEverySignedBitCounts(t *testing.T) {
	good := compact(t, "ES256", ecKey(), []byte(`{"alg":"ES256"}`), []byte(`{"iss":"app"}`))
	for i := range good {
		bent := []byte(good)
		if bent[i]++; good[i] == '.' {
			continue
		}
		token, err := signed.Parse(string(bent), "ES256")
		if err != nil {
			continue
		}
		if _, err := token.Verify([]jose.JSONWebKey{public(ecKey())}); err == nil {
			t.Errorf("byte %d of %s", i, good)
		}
	}
}
