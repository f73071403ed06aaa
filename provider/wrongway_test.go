package provider_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/provider/client"
	"itsme-bridge/storage/storagetest"
)

// RFC 6749 §2.3, §5.2: a client that authenticates in another way than its own is
// told the right one, wherever clients authenticate. Nobody is told of a secret.
func TestAuthenticatingInTheWrongWay(t *testing.T) {
	party := newParty(t, "key-1")
	signing := clientNamed("signing", client.PrivateKeyJWT)
	signing.Keys = party.keys()
	b := newBackchannel(t, storagetest.New(t), append(confederates(), signing)...)
	post := func(id, secret string) url.Values { return url.Values{"client_id": {id}, "client_secret": {secret}} }
	alone := func(id string) url.Values { return url.Values{"client_id": {id}} }
	asserted := func(id string) url.Values {
		return asserting(party.sign(t, "JWT", map[string]any{"iss": id, "sub": id, "aud": b.issuer, "jti": id, "exp": b.Now().Unix() + 60}))
	}
	beside := func(form url.Values, name, value string) url.Values { form.Set(name, value); return form }
	hmac := asserting(signedBy(t, jose.HS256, []byte(webSecret), nil, map[string]any{"iss": "web", "sub": "web"}))
	raw := func(words string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(words)) }
	const hidden = "The client could not be authenticated."
	for _, row := range []struct {
		name   string
		header string
		form   url.Values
		told   string
	}{
		{"basic by a client of post", basic("post", "post-secret"), nil, "client_secret_post, and this request uses client_secret_basic"},
		{"basic by a client of post, wrong secret", basic("post", "guess"), nil, "client_secret_post, and this request uses client_secret_basic"},
		{"basic by a client of none", basic("spa", ""), nil, "none, and this request uses client_secret_basic"},
		{"basic by a client of keys", basic("signing", "x"), nil, "private_key_jwt, and this request uses client_secret_basic"},
		{"basic by a client of post, id not encoded", raw("post:%zz"), nil, "client_secret_post, and this request uses client_secret_basic"},
		{"post by a client of basic", "", post("web", webSecret), "client_secret_basic, and this request uses client_secret_post"},
		{"post by a client of basic, wrong secret", "", post("web", "guess"), "client_secret_basic, and this request uses client_secret_post"},
		{"post by a client of none", "", post("spa", "x"), "none, and this request uses client_secret_post"},
		{"post by a client of keys", "", post("signing", "x"), "private_key_jwt, and this request uses client_secret_post"},
		{"none by a client of basic", "", alone("web"), "client_secret_basic, and this request uses none"},
		{"none by a client of post", "", alone("post"), "client_secret_post, and this request uses none"},
		{"none by a client of keys", "", alone("signing"), "private_key_jwt, and this request uses none"},
		{"an empty secret by a client of post", "", post("post", ""), "client_secret_post, and this request uses none"},
		{"an assertion by a client of basic", "", asserted("web"), "client_secret_basic, and this request uses private_key_jwt"},
		{"an assertion by a client of none", "", asserted("spa"), "none, and this request uses private_key_jwt"},
		{"client_secret_jwt by a client of basic", "", beside(hmac, "client_id", "web"), "client_secret_basic, and this request uses private_key_jwt"},
		{"SAML by a client of basic", "", url.Values{
			"client_id": {"web"}, "client_assertion": {"x"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
		}, "client_secret_basic, and this request uses private_key_jwt"},

		{"a wrong secret", basic("web", "guess"), nil, hidden},
		{"a wrong secret, posted", "", post("post", "guess"), hidden},
		{"an unknown client", basic("nobody", "x"), nil, hidden},
		{"an unknown client, posted", "", post("nobody", "x"), hidden},
		{"an unknown client, by an assertion", "", asserted("nobody"), hidden},
		{"no secret by a client of none, who is unknown", "", alone("nobody"), hidden},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/token", "/par", "/introspect", "/revoke"} {
				m := exchange("x")
				m.path = path
				m.header.Del("Authorization")
				if row.header != "" {
					m.header.Set("Authorization", row.header)
				}
				m.form.Set("token", "x")
				for name, values := range row.form {
					m.form[name] = values
				}
				want := row.told
				if want != hidden {
					want = "This client is registered with " + want + "."
				} else if path == "/introspect" && strings.HasPrefix(row.name, "no secret") {
					want = "Only clients with a secret or a key may introspect."
				}
				got := b.send(m)
				got.want(t, http.StatusUnauthorized, "invalid_client")
				if told := got.text(t, "error_description"); told != want {
					t.Errorf("%s: told %q, want %q", path, told, want)
				}
			}
		})
	}
	if log := b.log.String(); !strings.Contains(log, `"client":"post"`) || strings.Contains(log, webSecret) || strings.Contains(log, "guess") {
		t.Error("the log does not name the client, or holds a secret")
	}
}
