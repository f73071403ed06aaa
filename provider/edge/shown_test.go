package edge_test

import (
	"strings"
	"testing"

	"itsme-bridge/provider/edge"
)

// What a developer has named stands in the log; what may be a secret or a person does not.
func TestWhatOfAStrangersWordsIsShown(t *testing.T) {
	const uuid, secret, handle = "3f1d6c0e-5f2b-4c8a-9a54-0d6f6b7d2c11", "1rvoqOVZprJPZvA1lKHg-OZI4Ha-wYyQDuuB2fai8P0", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, row := range []struct {
		name       string
		show       func(string) string
		sent, want string
	}{
		{"a client_id", edge.ShownWord, "portal-2", "portal-2"},
		{"a client_id, as others make them", edge.ShownWord, uuid, uuid},
		{"a client_id that is a URL", edge.ShownWord, "https://app.example/client", "https://app.example/client"},
		{"a scope", edge.ShownWord, "groups", "groups"},
		{"a scope of another provider", edge.ShownWord, "https://graph.microsoft.com/User.Read", "https://graph.microsoft.com/User.Read"},
		{"a secret in the wrong field", edge.ShownWord, secret, "…"},
		{"an e-mail address", edge.ShownWord, "lucas.maes@example.com", "…"},
		{"a phone number", edge.ShownWord, "+32499887766", "…"},
		{"a number of a person", edge.ShownWord, "85.07.30-033.28", "…"},
		{"another line", edge.ShownWord, "a\nlevel=ERROR", "…"},
		{"nothing", edge.ShownWord, "", "…"},

		{"an address", edge.ShownURL, "https://app.example:8443/realms/main/endpoint/", "https://app.example:8443/realms/main/endpoint/"},
		{"its query and its fragment", edge.ShownURL, "https://app.example/back?state=words#token", "https://app.example/back"},
		{"who it names", edge.ShownURL, "https://lucas:password@app.example/back", "https://app.example/back"},
		{"no path", edge.ShownURL, "http://127.0.0.1:4711", "http://127.0.0.1:4711"},
		{"an IPv6 address", edge.ShownURL, "http://[::1]:4711/back", "http://[::1]:4711/back"},
		{"a tenant", edge.ShownURL, "https://app.example/" + uuid + "/back", "https://app.example/" + uuid + "/back"},
		{"an app's own scheme", edge.ShownURL, "com.example.app:/back", "com.example.app:/back"},
		{"out of band", edge.ShownURL, "urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob"},
		{"an address without a scheme", edge.ShownURL, "//app.example/back", "//app.example/back"},
		{"a path alone", edge.ShownURL, "/back", "/back"},
		{"an e-mail address in the path", edge.ShownURL, "https://app.example/lucas%40example.com/back", "https://app.example/…/back"},
		{"a host of another alphabet", edge.ShownURL, "https://аpp.example/back", "https://…/back"},
		{"an e-mail address by scheme", edge.ShownURL, "mailto:lucas.maes@example.com", "mailto:…"},
		{"no URL", edge.ShownURL, "http://[", "…"},

		{"a path", edge.ShownPath, "/realms/main/.well-known/openid-configuration", "/realms/main/.well-known/openid-configuration"},
		{"a return URL below another path", edge.ShownPath, "/login/itsme/return/" + handle + ".1." + secret, "/login/itsme/return/…"},
		{"half a handle", edge.ShownPath, "/" + handle, "/…"},
		{"an e-mail address in a path", edge.ShownPath, "/lucas.maes@example.com", "/…"},
		{"a name", edge.ShownPath, "/Lucas/Lucas.Maes/x", "/…/…/x"},
		{"a phone number in a path", edge.ShownPath, "/0499887766/", "/…/"},
		{"control characters", edge.ShownPath, "/a\x1b[31m/b", "/…/b"},
		{"a path without an end", edge.ShownPath, strings.Repeat("/word", 50), strings.Repeat("/word", 19) + "/…"},
	} {
		if got := row.show(row.sent); got != row.want {
			t.Errorf("%s: %q is shown as %q, want %q", row.name, row.sent, got, row.want)
		}
	}
	if got := edge.ShownWords(strings.Fields(strings.Repeat("word ", 100))); len(got) != 10 {
		t.Errorf("%d words are shown", len(got))
	}
}
