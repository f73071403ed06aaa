package config

import (
	"net"
	"net/url"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
)

// rule is one thing that an address must not be, and what to say then. What is
// said never repeats the address: it might hold a password.
type rule struct {
	broken func(u *url.URL, text string) bool
	wrong  string
}

// address reads a URL and complains of the first rule that it breaks.
func address(v document.Value, rules ...[]rule) (*url.URL, bool) {
	text, ok := v.Read()
	if !ok {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || text == "" || strings.ContainsFunc(text, unfit) {
		v.Wrong("is not a URL; write one such as https://www.example.be/, with %%20 for a space")
		return nil, false
	}
	for _, table := range rules {
		for _, r := range table {
			if r.broken(u, text) {
				v.Wrong("%s", r.wrong)
				return nil, false
			}
		}
	}
	return u, true
}

// unfit characters are in no address (RFC 3986 §2), yet browsers read them.
func unfit(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) }

// isLoopback reports whether a host without a port names this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// web: https, or http on this machine.
func web() []rule {
	return []rule{
		{func(u *url.URL, _ string) bool { return u.Scheme == "" }, "is not an absolute URL; write it with https://"},
		{func(u *url.URL, _ string) bool { return u.User != nil }, "holds a user name or a password; write it without"},
		{
			func(u *url.URL, _ string) bool {
				return u.Scheme == "http" && u.Host != "" && !isLoopback(u.Hostname())
			},
			"is http, and only loopback may be; write https://",
		},
		{func(u *url.URL, _ string) bool { return u.Scheme != "https" && u.Scheme != "http" }, "is neither https nor http; write https://"},
		{func(u *url.URL, _ string) bool { return u.Hostname() == "" || u.Opaque != "" }, "has no host; write https://, a host and a path"},
	}
}

// native is an address of an app on a telephone, whose scheme is a domain name
// in reverse order (RFC 8252 §7.1). The dot keeps out javascript: and its like.
func native(u *url.URL) bool { return strings.Contains(u.Scheme, ".") }

// webOrNative lets an app's own scheme pass.
func webOrNative() []rule {
	rules := []rule{
		{
			func(u *url.URL, _ string) bool {
				return u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" && !native(u)
			},
			"has a scheme that others can take, too; write https://, or an app's own with a dot in it, such as be.example.app:/callback",
		},
	}
	for _, r := range web() {
		rules = append(rules, rule{func(u *url.URL, text string) bool { return (u.User != nil || !native(u)) && r.broken(u, text) }, r.wrong})
	}
	return rules
}
