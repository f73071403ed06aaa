package config_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/provider/client"
)

// jwk is a key as JSON, which YAML is too, with something changed.
func jwk(t testing.TB, key any, more ...string) string {
	t.Helper()
	encoded, err := jose.JSONWebKey{Key: key}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]string{}
	if err := json.Unmarshal(encoded, &members); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(more); i += 2 {
		if members[more[i]] = more[i+1]; more[i+1] == "" {
			delete(members, more[i])
		}
	}
	encoded, err = json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func edwards(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func curve(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func modulus(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What is wrong with one key (RFC 7517 §4, RFC 7518 §6), wherever it stands.
func TestClientKeys(t *testing.T) {
	private, long := edwards(t), modulus(t, 2048)
	ed := private.Public()
	const (
		secret = "has a secret part, and only the client may have that; write the public key alone, and make a new pair if this one has been seen"
		noKey  = "is not a public key as a JWK; write RSA of at least 2048 bits, EC on P-256, or Ed25519"
		kind   = "is of another kind than these; write RSA of at least 2048 bits, EC on P-256, or Ed25519"
		alone  = "stands among several, and one of them has no kid; give each its own"
		alg    = "has another alg than its kind may sign with here; write "
	)
	for _, row := range []struct{ name, keys, at, want string }{
		{"a private key", jwk(t, private), "", secret},
		{"a private RSA key", jwk(t, long), "", secret},
		{"half of a private key", jwk(t, long.Public(), "dp", "AQAB"), "", secret},
		{"a symmetric key", `{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAxMjM"}`, "", secret},
		{"a short RSA key", jwk(t, modulus(t, 1024).Public()), "", kind},
		{"another curve", jwk(t, curve(t, elliptic.P384()).Public()), "", kind},
		{"another kind", jwk(t, ed, "crv", "X25519"), "", noKey},
		{"a key without a part", jwk(t, ed, "x", ""), "", noKey},
		{"a key without a kind", jwk(t, ed, "kty", ""), "", noKey},
		{"a key for encryption", jwk(t, ed, "use", "enc"), "", "has another use than sig; write the keys alone that the client signs with"},
		{"an algorithm of another kind", jwk(t, ed, "alg", "ES256"), "", alg + "EdDSA, or leave alg out"},
		{"an algorithm that nobody has", jwk(t, long.Public(), "alg", "RS512"), "", alg + "RS256 or PS256, or leave alg out"},
		{"a shared secret's algorithm", jwk(t, long.Public(), "alg", "HS256"), "", alg + "RS256 or PS256, or leave alg out"},
		{"several without a kid", jwk(t, ed, "kid", "a") + ", " + jwk(t, ed), "1", alone},
		{"several, the first without a kid", jwk(t, ed) + ", " + jwk(t, ed, "kid", "a"), "1", alone},
		{"several of one kid", jwk(t, ed, "kid", "a") + ", " + jwk(t, long.Public(), "kid", "a"), "1", "has the kid of another one; give each its own"},
		{"no key at all", "7", "", "is not a JWK; write kty: and what belongs to it"},
		{"a list", "[]", "", "is not a JWK; write kty: and what belongs to it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			at, number := "["+row.at+"]", "2"
			if row.at == "" {
				at, number = "[0]", "1"
			}
			_, err := config.Parse("a.yaml", []byte(base+"    jwks: ["+row.keys+"]\n"), Environment)
			if got, want := Problems(t, err), "22: clients[0].jwks"+at+": "+row.want; got != want {
				t.Errorf("here: got\n%s\nwant\n%s", got, want)
			}
			folder := t.TempDir()
			PutFile(t, filepath.Join(folder, "set.json"), `{"keys": [`+row.keys+`]}`, 0o644)
			_, err = config.Parse(filepath.Join(folder, "a.yaml"), []byte(base+"    jwks_file: set.json\n"), Environment)
			got := strings.ReplaceAll(Problems(t, err), folder+"/a.yaml:", "")
			if want := "22: clients[0].jwks_file: key " + number + ` of the file "set.json" ` + row.want; got != want {
				t.Errorf("in a file: got\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(row.keys, "secret") && strings.Contains(got, "c2Vj") {
				t.Error("the message quotes the key")
			}
		})
	}
}

// Every member that only a private or symmetric key has (RFC 7518 §6), also without the others.
func TestNoSecretPartOfAClientKey(t *testing.T) {
	public := edwards(t).Public()
	for _, member := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		_, err := config.Parse("a.yaml", []byte(base+"    jwks: ["+jwk(t, public, member, "AQAB")+"]\n"), Environment)
		if got := Problems(t, err); !strings.HasPrefix(got, "22: clients[0].jwks[0]: has a secret part, ") || strings.Contains(got, "AQAB") {
			t.Errorf("%s: %q", member, got)
		}
	}
}

// Where a client's keys are, and who needs some (OpenID Connect Registration 1.0 §2).
func TestWhereClientKeysAre(t *testing.T) {
	key := jwk(t, edwards(t).Public())
	folder := t.TempDir()
	for name, content := range map[string]string{"set.json": `{"keys": [` + key + `]}`, "list.json": "[" + key + "]", "empty.json": `{"keys": []}`, "text.json": "x"} {
		PutFile(t, filepath.Join(folder, name), content, 0o644)
	}
	const (
		missing = "16: clients[0].jwks_uri: is missing, and %s needs the client's public keys; write their address, or the keys themselves as jwks or jwks_file"
		inside  = "is inside, on this machine or in a private network, and outbound.reachable does not list it; list it there, or write a public address"
	)
	for _, row := range []struct{ name, put, want string }{
		{"an assertion", "    auth_method: private_key_jwt\n", strings.Replace(missing, "%s", "auth_method: private_key_jwt", 1)},
		{"a signed request", secretLine + "    require_signed_request_object: true\n", strings.Replace(missing, "%s", "require_signed_request_object: true", 1)},
		{"a request elsewhere", secretLine + "    request_uris: ['https://a.example/r']\n", strings.Replace(missing, "%s", "what request_uris lead to", 1)},
		{"two places", secretLine + "    jwks_uri: https://a.example/jwks\n    jwks: [" + key + "]\n", "20: clients[0].jwks_uri: stands beside another of jwks, jwks_file and jwks_uri; keep one of them"},
		{"two other places", secretLine + "    jwks_file: set.json\n    jwks: [" + key + "]\n", "20: clients[0].jwks_file: stands beside another of jwks, jwks_file and jwks_uri; keep one of them"},
		{"a set where keys are", secretLine + "    jwks: {keys: [" + key + "]}\n", "20: clients[0].jwks: is not a list; write one - a key, each as a JWK, or name the file of a JWK Set as jwks_file"},
		{"no key", secretLine + "    jwks: []\n", "20: clients[0].jwks: holds no key; write the public keys that the client signs with"},
		{"no key in the file", secretLine + "    jwks_file: empty.json\n", "20: clients[0].jwks_file: holds no key; write the public keys that the client signs with"},
		{"a file that is none", secretLine + "    jwks_file: text.json\n", `20: clients[0].jwks_file: the file "text.json" is not a JWK Set; write JSON as {"keys": […]}`},
		{"a list in the file", secretLine + "    jwks_file: list.json\n", `20: clients[0].jwks_file: the file "list.json" is not a JWK Set; write JSON as {"keys": […]}`},
		{"no file", secretLine + "    jwks_file: nowhere\n", `20: clients[0].jwks_file: there is no file "nowhere"; write its path, from the folder of this file or from /`},
		{"http", secretLine + "    jwks_uri: http://a.example/jwks\n", "20: clients[0].jwks_uri: is http, and only loopback may be; write https://"},
		{"a password", secretLine + "    jwks_uri: https://me:hunter2@a.example/jwks\n", "20: clients[0].jwks_uri: holds a user name or a password; write it without"},
		{"a fragment", secretLine + "    jwks_uri: 'https://a.example/jwks#1'\n", "20: clients[0].jwks_uri: holds a fragment, which is not sent to anybody; write it without #…"},
		{"this machine", secretLine + "    jwks_uri: http://localhost:8000/jwks\n", "20: clients[0].jwks_uri: " + inside},
		{"a private address", secretLine + "    jwks_uri: https://10.20.0.1/jwks\n", "20: clients[0].jwks_uri: " + inside},
		{"a cloud's metadata", secretLine + "    jwks_uri: https://169.254.169.254/\n", "20: clients[0].jwks_uri: " + inside},
		{"a secret beside them", secretLine + "    auth_method: private_key_jwt\n    jwks_uri: https://a.example/jwks\n", "19: clients[0].secret: is of no use with auth_method: private_key_jwt; leave it out, or choose another method"},
		{"a hash beside them", "    secret_hash: " + secretHash + "\n    auth_method: private_key_jwt\n    jwks_uri: https://a.example/jwks\n", "19: clients[0].secret_hash: is of no use with auth_method: private_key_jwt; leave it out, or choose another method"},
		{"all is well, here", "    auth_method: private_key_jwt\n    jwks: [" + key + "]\n", ""},
		{"all is well, in a file", "    auth_method: private_key_jwt\n    jwks_file: set.json\n", ""},
		{"all is well, elsewhere", "    auth_method: private_key_jwt\n    jwks_uri: https://a.example:8443/jwks?of=me\n", ""},
		{"keys for who may sign", secretLine + "    jwks_uri: https://[2606:4700::1111]/jwks\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := config.Parse(filepath.Join(folder, "a.yaml"), []byte(Change(t, base, secretLine, row.put)), Environment)
			if got := strings.ReplaceAll(Problems(t, err), folder+"/a.yaml:", ""); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// What is written becomes what a client signs with; a text is one without quotes, too.
func TestWhatClientKeysBecome(t *testing.T) {
	first, second := edwards(t).Public(), modulus(t, 2048).Public()
	third := curve(t, elliptic.P256()).Public()
	list := strings.Join([]string{
		strings.Replace(jwk(t, first, "kid", "2026"), `"2026"`, "2026", 1), jwk(t, second, "kid", "b", "alg", "PS256", "use", "sig"), jwk(t, third, "kid", "c", "x5t#S256", ""),
	}, ", ")
	keys := parse(t, base+"    jwks: ["+list+"]\n").Clients[0].Keys
	if keys.URI != "" || len(keys.Set) != 3 || keys.Set[0].KeyID != "2026" || keys.Set[1].Algorithm != "PS256" || keys.Set[2].KeyID != "c" {
		t.Fatalf("%+v", keys)
	}
	for i, want := range []any{first, second, third} {
		if public, ok := keys.Set[i].Key.(interface{ Equal(x crypto.PublicKey) bool }); !ok || !public.Equal(want) {
			t.Errorf("key %d is another one", i)
		}
	}
	c := parse(t, Change(t, base, secretLine, "    auth_method: private_key_jwt\n    jwks_uri: https://a.example/jwks\n")).Clients[0]
	if c.AuthMethod != client.PrivateKeyJWT || c.Keys.URI != "https://a.example/jwks" || c.Keys.Set != nil || c.SecretHashes != nil {
		t.Errorf("%+v", c.Keys)
	}
}
