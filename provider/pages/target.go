package pages

import (
	"html/template"
	"net/url"
	"strings"
)

// target is an address that a page may lead to: a path of ours, a web address,
// or one of a native application, whose private-use scheme is a reversed domain
// name (RFC 8252 §7.1). The period that such a name must hold keeps out
// javascript:, data: and whatever else a browser would run.
type target struct {
	text   string
	source string // for form-action (CSP Level 3 §2.3.1)
}

// parseTarget reports whether raw is such an address.
func parseTarget(raw string) (target, bool) {
	if strings.ContainsFunc(raw, unsafeInAddress) {
		return target{}, false
	}
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, false
	}
	switch scheme := u.Scheme; {
	case scheme == "":
		return target{raw, "'self'"}, u.Host == "" && strings.HasPrefix(raw, "/")
	case scheme == "https" || scheme == "http":
		return target{raw, scheme + "://" + u.Host}, plainHost(u.Host)
	default:
		return target{raw, scheme + ":"}, strings.Contains(scheme, ".")
	}
}

// href is the address for the template, which knows no private-use schemes and
// would not print them otherwise.
func (t target) href() template.URL {
	return template.URL(t.text) //nolint:gosec // parseTarget let it through
}

// unsafeInAddress: what RFC 3986 does not allow in an address and browsers
// nevertheless read, each in its own way.
func unsafeInAddress(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }

// plainHost reports whether a host can stand in a policy, where a semicolon or
// a comma would begin another directive.
func plainHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._:[]", r))
	})
}
