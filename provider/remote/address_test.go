package remote_test

import (
	"net/netip"
	"strings"
	"testing"

	"itsme-bridge/provider/remote"
)

func TestAddressesThatAreNotAsked(t *testing.T) {
	for _, row := range []struct{ address, says string }{
		{"", "not an absolute URL"},
		{"/keys", "not an absolute URL"},
		{"//127.0.0.1/keys", "127.0.0.1: neither https nor http"},
		{"https:127.0.0.1", "not an absolute URL"},
		{"https:///keys", "not an absolute URL"},
		{"https://:443/keys", "not an absolute URL"},
		{"https://127.0.0.1:x/", "not an absolute URL"},
		{"https://127.0.0.1\n/", "not an absolute URL"},
		{"https://a\"b/", "not an absolute URL"},
		{"https://ré.example/", "not an absolute URL"},
		{"https://[fe80::1%25eth0]/", "not an absolute URL"},
		{"ftp://127.0.0.1/", "127.0.0.1: neither https nor http"},
		{"file://127.0.0.1/etc", "127.0.0.1: neither https nor http"},
		{"https://user@127.0.0.1/", "127.0.0.1: a URL with user information"},
		{"https://user:s3cret@127.0.0.1/", "127.0.0.1: a URL with user information"},
		{"https://@127.0.0.1/", "127.0.0.1: a URL with user information"},
	} {
		_, err := fetch(t, remote.Options{Reachable: loopback()}, row.address)
		wantError(t, err, remote.ErrForbidden, row.says)
	}
}

func TestHTTPIsForThisMachine(t *testing.T) {
	h := plain(t, saying("x"))
	if body, err := fetch(t, h.options(), h.URL); err != nil || body != "x" {
		t.Errorf("got %q, %v", body, err)
	}
	h.want(t, 1)
	_, err := fetch(t, remote.Options{}, h.URL+path)
	wantError(t, err, remote.ErrForbidden, "127.0.0.1: http, and not a loopback address that is listed")
	everywhere := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	o := remote.Options{Reachable: everywhere, Resolver: example([]string{"203.0.113.1"})}
	_, err = fetch(t, o, "http://example.com"+path)
	wantError(t, err, remote.ErrForbidden, "example.com: http, and not a loopback address that is listed")
	_, err = fetch(t, o, strings.Replace(h.URL, "127.0.0.1", "0.0.0.0", 1)+path)
	wantError(t, err, remote.ErrForbidden, "0.0.0.0: http, and not a loopback address that is listed")
	h.want(t, 1)
}
