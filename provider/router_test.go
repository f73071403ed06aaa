package provider_test

import (
	"net/http"
	"strings"
	"testing"

	. "itsme-bridge/provider/providertest"
	"itsme-bridge/storage/storagetest"
)

// No address is answered with a redirect that nobody wrote: it would repeat the query, in
// which a code or a state may stand, and browsers would keep it.
func TestOnlyTheAddressesThatAreListedAnswer(t *testing.T) {
	b := newBackchannel(t, storagetest.New(t))
	for _, row := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{method: "GET", path: "/keys", status: http.StatusOK},
		{method: "GET", path: "/%6Beys", status: http.StatusOK},
		{method: "HEAD", path: "/keys", status: http.StatusOK},
		{method: "DELETE", path: "/keys", status: http.StatusMethodNotAllowed, allow: "GET, HEAD, OPTIONS"},
		{method: "BREW", path: "/token", status: http.StatusMethodNotAllowed, allow: "OPTIONS, POST"},
		{method: "HEAD", path: "/authorize", status: http.StatusMethodNotAllowed, allow: "GET, POST"},
		{method: "HEAD", path: "/itsme/return/a.1.b", status: http.StatusMethodNotAllowed, allow: "GET, POST"},
		{method: "POST", path: "/itsme/login/a", status: http.StatusMethodNotAllowed, allow: "GET"},
		{method: "GET", path: "/", status: http.StatusOK},
		{method: "HEAD", path: "/", status: http.StatusOK},
		{method: "POST", path: "/", status: http.StatusMethodNotAllowed, allow: "GET, HEAD"},
		{method: "GET", path: "/itsme/look/a", status: http.StatusNotFound},
		{method: "GET", path: "/itsme/look/", status: http.StatusNotFound},
		{method: "GET", path: "//", status: http.StatusNotFound},
		{method: "GET", path: "//keys", status: http.StatusNotFound},
		{method: "GET", path: "/./keys", status: http.StatusNotFound},
		{method: "GET", path: "/x/../keys", status: http.StatusNotFound},
		{method: "GET", path: "/keys/", status: http.StatusNotFound},
		{method: "GET", path: "/keys//", status: http.StatusNotFound},
		{method: "GET", path: "/Keys", status: http.StatusNotFound},
		{method: "GET", path: "/itsme/return//a.1.b", status: http.StatusNotFound},
		{method: "GET", path: "/itsme/login/a/b", status: http.StatusNotFound},
		{method: "CONNECT", path: "/x/../keys", status: http.StatusNotFound},
	} {
		m := get(row.path)
		m.method, m.query = row.method, map[string][]string{"state": {"words"}}
		answer := b.send(m)
		if answer.status != row.status || answer.header.Get("Location") != "" || answer.header.Get("Allow") != row.allow {
			t.Errorf("%s %s: %d, Location %q, Allow %q", row.method, row.path, answer.status, answer.header.Get("Location"), answer.header.Get("Allow"))
		}
		if strings.Contains(answer.body, "words") {
			t.Errorf("%s %s repeats the query", row.method, row.path)
		}
	}
}

// The same holds of an issuer without a path.
func TestTwoSlashesLeadNowhere(t *testing.T) {
	s := New(t)
	for _, path := range []string{"//", "//keys", "/./"} {
		if answer := s.Browser().Get(s.Issuer + path + "?state=words"); answer.Status != http.StatusNotFound || answer.Header.Get("Location") != "" {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Header.Get("Location"))
		}
	}
}
