package config_test

import (
	"crypto/elliptic"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

const (
	jwksLine = "    jwks_uri: https://sso.example.be/jwks\n"
	fapi2    = "    profile: fapi2\n" + jwksLine
)

// What contradicts the FAPI 2.0 Security Profile, and what would be right. The sections are its own.
func TestProfile(t *testing.T) {
	says := func(name, put, line, key, may string) difference {
		return difference{name, secretLine, fapi2 + put, line + ": clients[0]." + key + ": contradicts profile: fapi2, which allows " + may}
	}
	rsa := modulus(t, 2048).Public()
	refused(t, []difference{
		{"another profile", secretLine, secretLine + "    profile: fapi1\n", `20: clients[0].profile: is "fapi1"; write fapi2`},
		says("§5.3.2.1: a secret", "    auth_method: client_secret_basic\n    secret: ${CLIENT_SECRET}\n", "21", "auth_method", "only private_key_jwt (§5.3.2.1); write that, or leave it out"),
		says("§5.3.2.1: a secret in the form", "    auth_method: client_secret_post\n    secret: ${CLIENT_SECRET}\n", "21", "auth_method", "only private_key_jwt (§5.3.2.1); write that, or leave it out"),
		says("§5.3.2.1: a public client", "    auth_method: none\n", "21", "auth_method", "only private_key_jwt (§5.3.2.1); write that, or leave it out"),
		says("§5.3.2.1: bearer tokens", "    dpop_bound_access_tokens: false\n", "21", "dpop_bound_access_tokens", "only tokens that are bound to a key (§5.3.2.1); write true, or leave it out"),
		says("§5.3.2.2: requests that are not pushed", "    require_pushed_authorization_requests: false\n", "21", "require_pushed_authorization_requests", "only pushed requests (§5.3.2.2); write true, or leave it out"),
		says("§5.3.2.2: no issuer", "    response_iss: false\n", "21", "response_iss", "only responses that name their issuer (§5.3.2.2, RFC 9207); write true, or leave it out"),
		says("§5.3.2.2: no PKCE", "    pkce: optional\n", "21", "pkce", "no request without PKCE (§5.3.2.2); write required, or leave it out"),
		says("§5.3.2.2: a nonce for PKCE", "    pkce: or_nonce\n", "21", "pkce", "no request without PKCE (§5.3.2.2); write required, or leave it out"),
		says("§5.3.2.2: an ID token in front", "    response_types: [code, id_token]\n", "21", "response_types", "only code (§5.3.2.2); write [code], or leave it out"),
		says("§5.3.2.2: a hybrid flow", "    response_types: [id_token code]\n", "21", "response_types", "only code (§5.3.2.2); write [code], or leave it out"),
		says("§5.4.1: RS256", "    signing_alg: RS256\n", "21", "signing_alg", "only PS256, ES256 and EdDSA (§5.4.1); write one of them, or leave it out for PS256"),
		says("§5.4.1: RS256 of userinfo", "    userinfo_signed_response_alg: RS256\n", "21", "userinfo_signed_response_alg", "only PS256, ES256 and EdDSA (§5.4.1); write one of them, or leave it out"),
		{
			"§5.4.1: keys for RS256", secretLine, "    profile: fapi2\n    jwks: [" + jwk(t, rsa, "alg", "RS256") + "]\n",
			"20: clients[0].jwks[0]: has another alg than its kind may sign with here; write PS256, or leave alg out",
		},
		{
			"§5.3.2.1: no keys", secretLine, "    profile: fapi2\n",
			"16: clients[0].jwks_uri: is missing, and auth_method: private_key_jwt needs the client's public keys; write their address, or the keys themselves as jwks or jwks_file",
		},
		{
			"§5.3.2.1: a secret beside keys", secretLine, secretLine + fapi2,
			"19: clients[0].secret: is of no use with auth_method: private_key_jwt; leave it out, or choose another method",
		},
		{
			"§5.3.2.2: http", secretLine + redirectLine, fapi2 + "    redirect_uris: ['http://127.0.0.1/']\n",
			"21: clients[0].redirect_uris[0]: contradicts profile: fapi2, which allows only https (§5.3.2.2); write https://",
		},
		{
			"§5.3.2.2: an app's own scheme", secretLine + redirectLine, fapi2 + "    sector_identifier: a.example\n    redirect_uris: ['be.example.app:/']\n",
			"22: clients[0].redirect_uris[0]: contradicts profile: fapi2, which allows only https (§5.3.2.2); write https://",
		},
		{
			"§5.3.2.2: requests by reference", secretLine, fapi2 + "    request_uris: ['https://a.example/']\n",
			"21: clients[0].request_uris: is of no use where requests must be pushed, since none is pushed by reference (RFC 9126 §2.1); leave it out",
		},
		{
			"§5.3.2.2: requests that last", "clients:\n" + idLine + nameLine + homeLine + secretLine, "lifetimes: {pushed_request: 10m}\nclients:\n" + idLine + nameLine + homeLine + fapi2,
			"15: lifetimes.pushed_request: contradicts profile: fapi2 of the client app, which allows less than 10m (§5.3.2.2); write such as 1m",
		},
	})
}

// Everything that contradicts is said at once.
func TestEveryContradictionIsSaid(t *testing.T) {
	text := Change(t, base, secretLine, fapi2+"    auth_method: none\n    pkce: optional\n    signing_alg: RS256\n    dpop_bound_access_tokens: false\n")
	for _, key := range []string{"auth_method", "pkce", "signing_alg", "dpop_bound_access_tokens"} {
		if got := problemsOf(t, text); !strings.Contains(got, "clients[0]."+key+": contradicts profile: fapi2") {
			t.Errorf("nothing is said of %s in\n%s", key, got)
		}
	}
}

func TestWhatAProfileBecomes(t *testing.T) {
	c := parse(t, Change(t, base, secretLine, fapi2)).Clients[0]
	if !c.FAPI2 || !c.RequirePushed || !c.RequireDPoP || c.PKCE != client.PKCERequired || c.RequireSigned ||
		c.AuthMethod != client.PrivateKeyJWT || c.SigningAlg != keys.PS256 || !slices.Equal(c.ResponseTypes, []string{"code"}) {
		t.Errorf("%+v", c)
	}
	ec := jwk(t, curve(t, elliptic.P256()).Public(), "alg", "ES256")
	full := parse(t, Change(t, base, secretLine, "    profile: fapi2\n    jwks: ["+ec+"]\n    auth_method: private_key_jwt\n    pkce: required\n    signing_alg: ES256\n"+
		"    userinfo_signed_response_alg: EdDSA\n    response_types: [code]\n    require_pushed_authorization_requests: true\n    require_signed_request_object: true\n    dpop_bound_access_tokens: true\n")).Clients[0]
	if !full.FAPI2 || full.SigningAlg != keys.ES256 || full.UserinfoAlg != keys.EdDSA || !full.RequireSigned {
		t.Errorf("%+v", full)
	}
	if other := parse(t, base+"lifetimes: {pushed_request: 10m}\n"); other.Clients[0].FAPI2 {
		t.Error("nobody has asked for the profile")
	}
}

// Its usual algorithm needs a key, too.
func TestAProfileWithoutAKeyForIt(t *testing.T) {
	folder := t.TempDir()
	PutKey(t, filepath.Join(folder, "rsa"), modulus(t, 2048))
	text := Change(t, base, secretLine, fapi2) + "keys: {source: pem, files: [" + filepath.Join(folder, "rsa") + "]}\n"
	const want = `16: clients[0].signing_alg: is "PS256", and keys.ps256_files has no key for it; add one, or choose another algorithm`
	if got := problemsOf(t, text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Where nobody else is served, an application may be on this machine, too.
func TestAProfileOnThisMachine(t *testing.T) {
	text := strings.NewReplacer("https://login.example.be", "http://127.0.0.1:8080", "0.0.0.0:8443", "127.0.0.1:8080").Replace(base)
	text = Change(t, text, secretLine+redirectLine, "    profile: fapi2\n    jwks_uri: http://127.0.0.1:3000/jwks\n    redirect_uris: ['http://127.0.0.1:3000/']\n")
	if c := parse(t, text).Clients[0]; c.Keys.URI != "http://127.0.0.1:3000/jwks" {
		t.Errorf("%+v", c)
	}
	text = Change(t, text, "redirect_uris: ['http://127.0.0.1:3000/']", "sector_identifier: a.example\n    redirect_uris: ['be.example.app:/']")
	const want = "22: clients[0].redirect_uris[0]: contradicts profile: fapi2, which allows only https (§5.3.2.2); write https://"
	if got := problemsOf(t, text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
