package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"itsme-bridge/storage/storagetest"
)

// Scripts of every origin may call these, without cookies. The rest they may not.
func TestCORS(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		path string
		open bool
		call *message
	}{
		{"/token", true, exchange(b.code())},
		{"/token", true, exchange("refused")},
		{"/userinfo", true, bearer(b.accessToken())},
		{"/userinfo", true, bearer("refused")},
		{"/revoke", true, ask("/revoke", "x", "web", webSecret)},
		{"/revoke", true, ask("/revoke", "x", "web", "refused")},
		{"/keys", true, get("/keys")},
		{openidConfiguration, true, get(openidConfiguration)},
		{oauthServer, true, get(oauthServer)},
		{"/introspect", false, ask("/introspect", "x", "web", webSecret)},
		{"/authorize", false, get("/authorize")},
	} {
		row.call.header.Set("Origin", "https://spa.example")
		answer := b.send(row.call)
		if got := answer.header.Get("Access-Control-Allow-Origin"); (got == "*") != row.open {
			t.Errorf("%s %s: %d, Access-Control-Allow-Origin %q", row.call.method, row.path, answer.status, got)
		}
		if row.open && answer.header.Get("Access-Control-Expose-Headers") != "WWW-Authenticate, DPoP-Nonce" {
			t.Errorf("%s %s: a script cannot see why it was refused", row.call.method, row.path)
		}
		preflight := get(row.path)
		preflight.method = http.MethodOptions
		preflight.header = http.Header{
			"Origin": {"https://spa.example"}, "Access-Control-Request-Method": {"POST"},
			"Access-Control-Request-Headers": {"authorization,content-type,dpop"},
		}
		may := b.send(preflight)
		allowed := may.status == http.StatusNoContent && may.header.Get("Access-Control-Allow-Origin") == "*" &&
			strings.Contains(may.header.Get("Access-Control-Allow-Headers"), "Authorization, Content-Type, DPoP") &&
			strings.Contains(may.header.Get("Access-Control-Allow-Methods"), "POST")
		if allowed != row.open {
			t.Errorf("OPTIONS %s: %d %v", row.path, may.status, may.header)
		}
		for _, a := range []reply{answer, may} {
			if a.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: with cookies", row.path)
			}
		}
	}
}
