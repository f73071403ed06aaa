package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/itsme"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
)

// The lines of the client in the base.
const (
	idLine       = "  - id: app\n"
	nameLine     = "    name: The app\n"
	homeLine     = "    home: https://www.example.be/\n"
	secretLine   = "    secret: ${CLIENT_SECRET}\n"
	redirectLine = `    redirect_uris: ["https://sso.example.be/callback"]` + "\n"
	scopesLine   = "    scopes: [profile]\n"
)

func TestClients(t *testing.T) {
	all := "clients:\n" + idLine + nameLine + homeLine + secretLine + redirectLine + scopesLine
	entry := func(name, put, want string) difference { return difference{name, scopesLine, scopesLine + put, want} }
	refused(t, []difference{
		{"no clients", all, "", "1: clients: is missing; list who may log people in, or write [] for nobody yet; itsme-bridge client new prints an entry"},
		{"a client that is no section", all, "clients: [app]\n", "15: clients[0]: is a single value; write key: value, each on a line of its own"},
		{"no id", idLine, "  - introspect: false\n", "16: clients[0].id: is missing; write the client_id that the application is known by"},
		{"an id with a space", idLine, "  - id: the app\n", `16: clients[0].id: "the app" is not up to 128 letters, digits and signs such as - . _ : /; write such as keycloak`},
		{"an empty id", idLine, "  - id: ''\n", `16: clients[0].id: "" is not up to 128 letters, digits and signs such as - . _ : /; write such as keycloak`},
		{
			"an id twice", idLine, "  - {id: app, name: a, home: 'https://a.example/', auth_method: none, redirect_uris: ['https://a.example/'], scopes: []}\n" + idLine,
			`17: clients[1].id: "app" is the id of the client on line 16, too; give each its own`,
		},
		{"no name", nameLine, "", "16: clients[0].name: is missing; write the application's name, as people know it; our pages show it"},
		{"a name of nothing", nameLine, "    name: ' '\n", "17: clients[0].name: is not a name of up to 100 characters on one line; write the application's, as people know it"},
		{"a name of two lines", nameLine, `    name: "a\nb"` + "\n", "17: clients[0].name: is not a name of up to 100 characters on one line; write the application's, as people know it"},
		{"no home", homeLine, "", "16: clients[0].home: is missing; write where people go when nothing else is left, such as https://www.example.be/"},
		{"a home that runs", homeLine, "    home: javascript:alert(1)\n", "18: clients[0].home: has a scheme that others can take, too; write https://, or an app's own with a dot in it, such as be.example.app:/callback"},
		{"a home by http", homeLine, "    home: http://www.example.be/\n", "18: clients[0].home: is http, and only loopback may be; write https://"},
		{"no scopes", scopesLine, "", "16: clients[0].scopes: is missing; list what the client may ask for, of profile, email, phone and address; [] for the subject alone"},
		{"an unknown scope", scopesLine, "    scopes: [openid, phone_number]\n", `21: clients[0].scopes[1]: is "phone_number", and itsme knows profile, email, phone and address; write one of them, or offline_access for refresh tokens`},

		entry("an unknown key", "    redirect_uri: x\n", "22: clients[0].redirect_uri: unknown key; did you mean redirect_uris?"),
		entry("a service", "    service: confirm\n", `22: clients[0].service: is "confirm"; write login or register`),
		entry("a language", "    locale: nl-BE\n", `22: clients[0].locale: is "nl-BE"; write en, nl, fr or de`),
		entry("a subject", "    subject: private\n", `22: clients[0].subject: is "private"; write pairwise or public`),
		entry("an algorithm", "    signing_alg: HS256\n", `22: clients[0].signing_alg: is "HS256"; write RS256, PS256, ES256 or EdDSA`),
		entry("what to do on failure", "    on_failure: retry\n", `22: clients[0].on_failure: is "retry"; write page or redirect`),
		entry("what to do on expiry", "    on_expiry: retry\n", `22: clients[0].on_expiry: is "retry"; write deny or restart`),
		entry("a flag", "    email_verified: yes\n", `22: clients[0].email_verified: is "yes"; write true or false`),
		entry("no time", "    deadline: 29s\n", "22: clients[0].deadline: 29s is too short; at least 30s"),
		entry("an acr of two words", "    acr: a b\n", `22: clients[0].acr: "a b" holds a space or the like; write one word or URI`),
		entry("a token with a space", "    itsme_token: my token\n", "22: clients[0].itsme_token: holds a space, a quote or the like; write the merchant token alone"),
		entry("a sector for a public subject", "    subject: public\n    sector_identifier: example.be\n", "23: clients[0].sector_identifier: is of no use with subject: public; leave it out"),
		entry("a sector that is a URL", "    sector_identifier: https://example.be\n", `22: clients[0].sector_identifier: "https://example.be" is not a host name in small letters; write such as example.be`),
	})
}

func TestCredentials(t *testing.T) {
	secret := func(name, put, want string) difference { return difference{name, secretLine, put, want} }
	refused(t, []difference{
		secret("none", "", "16: clients[0].secret_hash: is missing; make one with itsme-bridge client new, or write auth_method: none for a public client"),
		secret("a short one", "    secret: 0123456789abcdef012345678901234\n", "19: clients[0].secret: has fewer than 32 characters; make it of random ones, for example with: openssl rand -hex 32"),
		secret("a plain one", "    secret: 123412341234123412341234123412341234\n", "19: clients[0].secret: does not look random; make one, for example with: openssl rand -hex 32"),
		secret("one with an accent", "    secret: é0123456789abcdef0123456789abcdef\n", "19: clients[0].secret: holds other characters than printable ASCII; make one with itsme-bridge client new"),
		secret("a file that is not there", "    secret_file: nowhere\n", `19: clients[0].secret_file: there is no file "nowhere"; write its path, from the folder of this file or from /`),
		secret("a secret and a hash", secretLine+"    secret_hash: "+secretHash+"\n", "19: clients[0].secret: stands beside secret_hash; keep one of the two"),
		secret("a hash of another kind", "    secret_hash: md5:9f86d081884c7d659a2feaa0c55ad015\n", "19: clients[0].secret_hash: is not sha256: and 64 hex digits; itsme-bridge client new prints one"),
		secret("a hash that is too short", "    secret_hash: sha256:9f86d081884c7d659a2feaa0c55ad015\n", "19: clients[0].secret_hash: is not sha256: and 64 hex digits; itsme-bridge client new prints one"),
		secret("a secret for a hash", "    secret_hash: ${CLIENT_SECRET}\n", "19: clients[0].secret_hash: is not sha256: and 64 hex digits; itsme-bridge client new prints one"),
		secret("no hash in the list", "    secret_hash: []\n", "19: clients[0].secret_hash: has 0 entries; write one, or two while a secret is being replaced"),
		secret("three hashes", "    secret_hash: ["+strings.Repeat(secretHash+", ", 2)+anotherHash+"]\n",
			"19: clients[0].secret_hash: has 3 entries; write one, or two while a secret is being replaced\n19: clients[0].secret_hash[1]: is given twice; keep it once"),
		secret("a method", secretLine+"    auth_method: client_secret_jwt\n", `20: clients[0].auth_method: is "client_secret_jwt"; write client_secret_basic, client_secret_post, private_key_jwt or none`),
		secret("a public client with a secret", secretLine+"    auth_method: none\n", "19: clients[0].secret: is of no use with auth_method: none; leave it out, or choose another method"),
		secret("a public client with a hash", "    secret_hash: "+secretHash+"\n    auth_method: none\n", "19: clients[0].secret_hash: is of no use with auth_method: none; leave it out, or choose another method"),
		secret("a public client without PKCE", "    auth_method: none\n    pkce: optional\n", "20: clients[0].pkce: is optional, and a client without a secret has nothing else; write required"),
		secret("a public client with a nonce for PKCE", "    auth_method: none\n    pkce: or_nonce\n", "20: clients[0].pkce: is or_nonce, and a client without a secret has nothing else; write required"),
		secret("a public client that introspects", "    auth_method: none\n    introspect: true\n", "20: clients[0].introspect: is true, and auth_method is none: anybody could ask; give the client a secret"),
		secret("PKCE", secretLine+"    pkce: plain\n", `20: clients[0].pkce: is "plain"; write required, or_nonce or optional`),
	})
}

func TestRedirectURIs(t *testing.T) {
	uri := func(name, put, want string) difference {
		return difference{name, redirectLine, "    redirect_uris:\n      - '" + put + "'\n", "21: clients[0].redirect_uris[0]: " + want}
	}
	const scheme = "has a scheme that others can take, too; write https://, or an app's own with a dot in it, such as be.example.app:/callback"
	refused(t, []difference{
		{"none", redirectLine, "", "16: clients[0].redirect_uris: is missing; list where the application takes its answers, exactly as it sends them"},
		{"an empty list", redirectLine, "    redirect_uris: []\n", "20: clients[0].redirect_uris: is empty; list where the application takes its answers"},
		{"one that is no list", redirectLine, "    redirect_uris: https://a.example/\n", "20: clients[0].redirect_uris: is a single value; write a list, as [a, b] or with one - a line"},
		{"one twice", redirectLine, "    redirect_uris: ['https://a.example/', 'https://a.example/']\n", "20: clients[0].redirect_uris[1]: is given twice; keep it once"},
		{
			"several hosts", redirectLine, "    redirect_uris: ['https://a.example/', 'https://b.example/', 'https://A.example/2']\n",
			"16: clients[0].sector_identifier: is missing, and the redirect URIs have several hosts (a.example, b.example); write the one that the client began with: another one changes every subject",
		},
		{
			"no host", redirectLine, "    redirect_uris: ['be.example.app:/callback']\n",
			"16: clients[0].sector_identifier: is missing, and the redirect URIs have no host; write a host name that stays, such as example.be",
		},
		{
			"a host and none", redirectLine, "    redirect_uris: ['https://a.example/', 'be.example.app:/callback']\n",
			"16: clients[0].sector_identifier: is missing, and the redirect URIs have several hosts (a.example, none); write the one that the client began with: another one changes every subject",
		},
		uri("http", "http://a.example/", "is http, and only loopback may be; write https://"),
		uri("a fragment", "https://a.example/#", "holds a fragment, which OAuth forbids; write it without #…"),
		uri("a wildcard", "https://*.a.example/", "holds a *, and redirect URIs are compared character by character; list each one"),
		uri("a wildcard in the path", "https://a.example/*", "holds a *, and redirect URIs are compared character by character; list each one"),
		uri("up and away", "https://a.example/callback/../other", "goes up by .., which browsers resolve before they ask; write the path that is meant"),
		uri("up and away, encoded", "https://a.example/callback/%2e%2e/other", "goes up by .., which browsers resolve before they ask; write the path that is meant"),
		uri("a user name", "https://a.example@b.example/", "holds a user name or a password; write it without"),
		uri("a user name of an app", "be.example.app://me@host/", "holds a user name or a password; write it without"),
		uri("a scheme without a dot", "myapp:/callback", scheme),
		uri("a scheme that runs", "javascript:alert(1)", scheme),
		uri("a scheme that shows", "data:text/html,x", scheme),
		uri("a path", "/callback", "is not an absolute URL; write it with https://"),
		uri("no host at all", "https:///callback", "has no host; write https://, a host and a path"),
		uri("a backslash", `https://a.example\@b.example/`, "is not a URL; write one such as https://www.example.be/, with %20 for a space"),
		uri("another alphabet", "https://exämple.example/", "is not a URL; write one such as https://www.example.be/, with %20 for a space"),
	})
}

func TestRedirectURIsThatAreFine(t *testing.T) {
	for _, uri := range []string{
		"https://a.example/callback", "https://a.example:8443/callback?tenant=1", "http://127.0.0.1:3000/callback", "http://[::1]:3000/", "http://localhost/",
		"https://a.example", "https://a.example/%20", "be.example.app:/callback", "be.example.app://callback",
	} {
		text := Change(t, base, redirectLine, "    sector_identifier: example.be\n    redirect_uris: ['"+uri+"']\n")
		if c := parse(t, text); c.Clients[0].RedirectURIs[0] != uri {
			t.Errorf("%s became %s", uri, c.Clients[0].RedirectURIs[0])
		}
	}
}

// client is that of the base with more said of it.
func clientNamed(t *testing.T, more string) client.Client {
	t.Helper()
	return parse(t, Change(t, base, scopesLine, more)).Clients[0]
}

func TestWhatAClientIsWhenNothingIsSaid(t *testing.T) {
	got := clientNamed(t, "    scopes: [openid, email]\n")
	want := client.Client{
		Terms: client.Terms{
			ID: "app", Name: "The app", Home: "https://www.example.be/", Service: itsme.Login, Deadline: 4 * time.Minute,
			Subject: client.Pairwise, Sector: "sso.example.be", SigningAlg: keys.RS256, AMR: []string{},
		},
		AuthMethod:   client.ClientSecretBasic,
		SecretHashes: got.SecretHashes,
		RedirectURIs: []string{"https://sso.example.be/callback"},
		Scopes:       []string{"email"},

		ResponseTypes: []string{"code"},
	}
	if !reflect.DeepEqual(got, want) || len(got.SecretHashes) != 1 {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestWhatAClientIsWhenEverythingIsSaid(t *testing.T) {
	text := Change(t, base, "clients:\n", "lifetimes: {login: 2m}\nlocale: nl\nclients:\n")
	text = Change(t, text, secretLine, "    secret_hash: ["+secretHash+", "+anotherHash+"]\n")
	text = Change(t, text, scopesLine, `    scopes: []
    auth_method: client_secret_post
    pkce: optional
    id_token_claims: true
    flat_address: true
    sector_identifier: group.example
    service: register
    locale: fr
    email_verified: true
    phone_number_verified: true
    acr: urn:example:high
    amr: [mfa, app]
    on_failure: redirect
    on_expiry: restart
    signing_alg: ES256
    deadline: 3m
    introspect: true
    itsme_token: ${CM_TOKEN}
  - {id: other, name: Other, home: "https://other.example/", auth_method: none, redirect_uris: ["https://other.example/"], scopes: [], subject: public}
`)
	clients := parse(t, text).Clients
	want := client.Client{
		Terms: client.Terms{
			ID: "app", Name: "The app", Home: "https://www.example.be/", Service: itsme.Register, Locale: "fr", Deadline: 3 * time.Minute,
			Subject: client.Pairwise, Sector: "group.example", SigningAlg: keys.ES256, IDTokenClaims: true, FlatAddress: true,
			EmailVerified: true, PhoneNumberVerified: true, ACR: "urn:example:high", AMR: []string{"mfa", "app"},
			RedirectFailures: true, RestartExpired: true,
		},
		AuthMethod:    client.ClientSecretPost,
		SecretHashes:  [][32]byte{hashOf(t, secretHash), hashOf(t, anotherHash)},
		RedirectURIs:  []string{"https://sso.example.be/callback"},
		ResponseTypes: []string{"code"},
		Scopes:        []string{},
		PKCE:          client.PKCEOptional,
		Introspect:    true,
		MerchantToken: CMToken,
	}
	if !reflect.DeepEqual(clients[0], want) {
		t.Errorf("got  %#v\nwant %#v", clients[0], want)
	}
	if other := clients[1]; other.Deadline != 2*time.Minute || other.Locale != "nl" || other.Sector != "" || other.AuthMethod != client.None {
		t.Errorf("the usual is not what the file says: %#v", other)
	}
}

func TestClientsAlone(t *testing.T) {
	_, entries, _ := strings.Cut(base, "clients:\n")
	clients, err := config.ParseClients("a.yaml", []byte("clients:\n"+entries), Environment, false)
	if err != nil || len(clients) != 1 || clients[0].Deadline != 4*time.Minute {
		t.Errorf("%v, %v", clients, err)
	}
	_, err = config.ParseClients("a.yaml", []byte("issuer: https://a.example\n"), Environment, false)
	const want = "1: clients: is missing; list who may log people in, or write [] for nobody yet; itsme-bridge client new prints an entry\n" +
		"1: issuer: unknown key; the nearest that is known here is clients"
	if got := Problems(t, err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
