package config_test

import (
	"reflect"
	"strings"
	"testing"

	"itsme-bridge/cmd/internal/config"
	. "itsme-bridge/cmd/internal/config/configtest"
	"itsme-bridge/keys"
)

func problemsOf(t *testing.T, text string) string {
	t.Helper()
	_, err := config.Parse("a.yaml", []byte(text), Environment)
	return Problems(t, err)
}

// entry is one more line in the base's client, and what is said of it.
func entry(name, put, want string) difference {
	return difference{name, scopesLine, scopesLine + jwksLine + put, want}
}

func TestRequests(t *testing.T) {
	types := func(name, put, want string) difference {
		return entry(name, "    response_types: "+put+"\n", "23: clients[0].response_types"+want)
	}
	uri := func(name, put, want string) difference {
		return entry(name, "    request_uris: ['"+put+"']\n", "23: clients[0].request_uris[0]: "+want)
	}
	const token = "has an access token, and none leaves the authorization endpoint (RFC 9700 §2.1.2); write code"
	refused(t, []difference{
		types("an access token", "[token]", "[0]: "+token),
		types("an access token beside", "[code, id_token token]", "[1]: "+token),
		types("an access token beside a code", "[code token]", "[0]: "+token),
		types("a type that is none", "[device]", `[0]: is "device"; write code, id_token or code id_token`),
		types("a word twice", "[code code]", `[0]: is "code code"; write code, id_token or code id_token`),
		types("one twice, in another order", "[code id_token, id_token code]", "[1]: is given twice; keep it once"),
		types("none", "[]", ": is empty; list what the application asks for, or leave it out for [code]"),
		types("no list", "code", ": is a single value; write a list, as [a, b] or with one - a line"),
		types("a space", "[' ']", `[0]: is " "; write code, id_token or code id_token`),

		uri("http", "http://a.example/", "is http, and only loopback may be; write https://"),
		uri("every host", "https:///", "has no host; write https://, a host and a path"),
		uri("a URN", "urn:example:request", "is neither https nor http; write https://"),
		uri("a wildcard", "https://a.example/*", "holds a *; write one that ends in a slash for all below it"),
		uri("up and away", "https://a.example/a/../", "goes up by .., which browsers resolve before they ask; write the path that is meant"),
		uri("a query that ends in a slash", "https://a.example/fetch?from=https://", "ends in a slash, so it stands for all below it, and has a query, which has nothing below it; write a path"),
		uri("a long one", "https://a.example/"+strings.Repeat("a", 500), "is longer than the 512 bytes that a request_uri may have (RFC 9101 §5.2); write a shorter one"),
		uri("this machine", "https://localhost/", "is inside, on this machine or in a private network, and outbound.reachable does not list it; list it there, or write a public address"),
		entry("one twice", "    request_uris: ['https://a.example/', 'https://a.example/']\n", "23: clients[0].request_uris[1]: is given twice; keep it once"),
		entry(
			"what cannot be pushed", "    request_uris: ['https://a.example/']\n    require_pushed_authorization_requests: true\n",
			"23: clients[0].request_uris: is of no use where requests must be pushed, since none is pushed by reference (RFC 9126 §2.1); leave it out",
		),
		entry("a flag", "    require_pushed_authorization_requests: yes\n", `23: clients[0].require_pushed_authorization_requests: is "yes"; write true or false`),
		entry("another flag", "    require_signed_request_object: yes\n", `23: clients[0].require_signed_request_object: is "yes"; write true or false`),
		entry("a third flag", "    dpop_bound_access_tokens: yes\n", `23: clients[0].dpop_bound_access_tokens: is "yes"; write true or false`),

		entry("an algorithm of userinfo", "    userinfo_signed_response_alg: none\n", `23: clients[0].userinfo_signed_response_alg: is "none"; write RS256, PS256, ES256 or EdDSA`),
		entry("names for nothing", "    acr_aliases: [a]\n", "23: clients[0].acr_aliases: stands without acr, which they would be other names for; write that, or leave this out"),
		entry("a name of two words", "    acr: x\n    acr_aliases: ['a b']\n", `24: clients[0].acr_aliases[0]: "a b" holds a space or the like; write one word or URI`),
		entry("a name twice", "    acr: x\n    acr_aliases: [a, a]\n", "24: clients[0].acr_aliases[1]: is given twice; keep it once"),
		entry("the name itself", "    acr: x\n    acr_aliases: [x]\n", "24: clients[0].acr_aliases[0]: is given twice; keep it once"),
		entry("the old name of a key", "    sector: example.be\n", "23: clients[0].sector: unknown key; did you mean sector_identifier?"),
		{
			"refresh tokens without a code", scopesLine, "    scopes: [offline_access]\n    response_types: [id_token]\n",
			"21: clients[0].scopes: has offline_access, which is of no use without code among the response_types; leave it out, or add code there",
		},
	})
}

func TestLogout(t *testing.T) {
	const session = "session: {ttl: 1h}\n"
	after := func(name, put, want string) difference {
		return entry(name, "    post_logout_redirect_uris: ['"+put+"']\n", "23: clients[0].post_logout_redirect_uris[0]: "+want)
	}
	hears := func(name, put, want string) difference {
		return difference{name, base[strings.Index(base, "clients:\n"):], session + base[strings.Index(base, "clients:\n"):] + "    backchannel_logout_uri: '" + put + "'\n", "23: clients[0].backchannel_logout_uri: " + want}
	}
	refused(t, []difference{
		after("http", "http://a.example/", "is http, and only loopback may be; write https://"),
		after("a fragment", "https://a.example/#bye", "holds a fragment, which OAuth forbids; write it without #…"),
		after("a wildcard", "https://a.example/*", "holds a *, and redirect URIs are compared character by character; list each one"),
		after("a scheme that runs", "javascript:alert(1)", "has a scheme that others can take, too; write https://, or an app's own with a dot in it, such as be.example.app:/callback"),
		entry("one twice", "    post_logout_redirect_uris: ['https://a.example/', 'https://a.example/']\n", "23: clients[0].post_logout_redirect_uris[1]: is given twice; keep it once"),

		hears("http", "http://a.example/", "is http, and only loopback may be; write https://"),
		hears("a fragment", "https://a.example/#bye", "holds a fragment, which is not sent to anybody; write it without #…"),
		hears("inside", "https://192.168.1.1/", "is inside, on this machine or in a private network, and outbound.reachable does not list it; list it there, or write a public address"),
		entry("nothing to hear of", "    backchannel_logout_uri: https://a.example/\n", "23: clients[0].backchannel_logout_uri: is of no use without session.ttl: there is nothing that could end; set that, or leave this out"),

		entry("nothing that a server could end", "    logout_by_server: true\n", "23: clients[0].logout_by_server: is of no use without session.ttl: there is nothing that could end; set that, or leave this out"),

		{"a session for ever", "clients:\n", "session: {ttl: 25h}\nclients:\n", "15: session.ttl: 25h is too long; at most 1d"},
		{"nothing to share", "clients:\n", "session: {share: true}\nclients:\n", "15: session.share: is of no use without session.ttl: there is nothing to share; set it, or leave this out"},
	})
}

// What is legal, and better known.
func TestDoubts(t *testing.T) {
	const front = "sends ID tokens through the browser, and into its history unless the application asks for response_mode=form_post; code alone does not"
	const stolen = "has offline_access, and whoever steals a refresh token of a client without a secret can use it until the application does; " +
		"dpop_bound_access_tokens: true binds it to the application's key (RFC 9700 §4.14.2)"
	const injected = "asks neither for PKCE nor for a nonce: whoever gets hold of a code can slip it into a login of his own at the application, " +
		"and is its owner there (RFC 9700 §4.5); write or_nonce, which is what optional meant before, or required, unless the application can do neither"
	const public = "    auth_method: none\n"
	for _, row := range []struct{ name, find, put, want string }{
		{"an ID token in front", scopesLine, scopesLine + "    response_types: [code, id_token]\n", "a.yaml:22: clients[0].response_types: " + front},
		{"ID tokens in front, both ways", scopesLine, scopesLine + "    response_types: [code, id_token, id_token code]\n", "a.yaml:22: clients[0].response_types: " + front},
		{"a code alone", scopesLine, scopesLine + "    response_types: [code]\n", ""},
		{"neither PKCE nor a nonce", secretLine, secretLine + "    pkce: optional\n", "a.yaml:20: clients[0].pkce: " + injected},
		{"neither PKCE nor a nonce, with keys", secretLine, "    auth_method: private_key_jwt\n" + jwksLine + "    pkce: optional\n", "a.yaml:21: clients[0].pkce: " + injected},
		{"a nonce for PKCE", secretLine, secretLine + "    pkce: or_nonce\n", ""},
		{"PKCE, said", secretLine, secretLine + "    pkce: required\n", ""},
		{"refresh tokens", scopesLine, "    scopes: [offline_access]\n", ""},
		{"refresh tokens of a public client", secretLine + redirectLine + scopesLine, public + redirectLine + "    scopes: [offline_access]\n", "a.yaml:21: clients[0].scopes: " + stolen},
		{"a restart that nobody can click on", scopesLine, scopesLine + "    on_failure: redirect\n    on_expiry: restart\n", "a.yaml:23: clients[0].on_expiry: has no effect with on_failure: redirect, where nobody sees the page whose \"try again\" restarts; write on_failure: page, or leave this out"},
		{"a restart by a click", scopesLine, scopesLine + "    on_failure: page\n    on_expiry: restart\n", ""},
		{"failures at once", scopesLine, scopesLine + "    on_failure: redirect\n    on_expiry: deny\n", ""},
		{"bound ones", secretLine + redirectLine + scopesLine, public + redirectLine + "    scopes: [offline_access]\n    dpop_bound_access_tokens: true\n", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var lines []string
			for _, p := range parse(t, Change(t, base, row.find, row.put)).Warnings() {
				lines = append(lines, p.String())
			}
			if got := strings.Join(lines, "\n"); got != row.want {
				t.Errorf("got\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

func TestWhatTheUnusualBecomes(t *testing.T) {
	text := Change(t, base, "clients:\n", "session: {ttl: 8h, share: true}\nclients:\n")
	got := parse(t, Change(t, text, scopesLine, jwksLine+`    scopes: [openid, email, offline_access]
    response_types: [id_token code, code, id_token]
    request_uris: ["https://a.example/r/", "https://a.example/one?x=1", "https://a.example/", "https://a.example/two#sha256"]
    require_signed_request_object: true
    dpop_bound_access_tokens: true
    response_iss: false
    userinfo_signed_response_alg: ES256
    acr: urn:example:high
    acr_aliases: [urn:example:other, high]
    post_logout_redirect_uris: ["https://a.example/bye?to=x", "be.example.app:/bye"]
    backchannel_logout_uri: https://a.example/logout?x=1
    logout_by_server: true
`)).Clients[0]
	want := parse(t, base).Clients[0]
	want.Scopes = []string{"email", "offline_access"}
	want.ResponseTypes = []string{"code id_token", "code", "id_token"}
	want.Keys.URI = "https://sso.example.be/jwks"
	want.RequestURIs = []string{"https://a.example/r/", "https://a.example/one?x=1", "https://a.example/", "https://a.example/two#sha256"}
	want.RequireSigned, want.RequireDPoP, want.WithoutIssuer = true, true, true
	want.UserinfoAlg = keys.ES256
	want.ACR, want.ACRAliases = "urn:example:high", []string{"urn:example:other", "high"}
	want.PostLogoutRedirectURIs = []string{"https://a.example/bye?to=x", "be.example.app:/bye"}
	want.BackChannelLogoutURI, want.LogoutByServer = "https://a.example/logout?x=1", true
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if c := parse(t, Change(t, base, scopesLine, scopesLine+"    require_pushed_authorization_requests: true\n")).Clients[0]; !c.RequirePushed {
		t.Errorf("%+v", c)
	}
}
