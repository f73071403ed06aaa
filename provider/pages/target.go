package pages

import (
	"html/template"
	"net/url"
	"strings"
)

// target is an address that a page may lead to: a path of ours, a web address,
// or one of a native application, whose private-use scheme is a reversed domain
// name (RFC 8252 §7.1). The period that such a name must hold keeps out
// javascript:, data: and whatever else a browser would run. Empty if raw is
// none of these.
//
// The template knows no private-use schemes and would print none; its type says
// that the address has been looked at.
func target(raw string) template.URL {
	if strings.ContainsFunc(raw, unfit) {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || !reachable(raw, u) {
		return ""
	}
	return template.URL(raw) //nolint:gosec // this function is the check
}

// ownPath is a target at our own origin. What a Resubmit carries was sent to us,
// and is nobody else's.
func ownPath(raw string) template.URL {
	if !strings.HasPrefix(raw, "/") {
		return ""
	}
	return target(raw)
}

// reachable reports whether an address is of one of the three sorts. Two
// slashes, and to browsers three as well, begin another host.
func reachable(raw string, u *url.URL) bool {
	switch u.Scheme {
	case "":
		return strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//")
	case "http", "https":
		return u.Host != ""
	default:
		return strings.Contains(u.Scheme, ".")
	}
}

// unfit characters are in no address (RFC 3986 §2), yet browsers read them: a
// backslash as a slash, a line break as nothing.
func unfit(r rune) bool {
	return r <= ' ' || strings.ContainsRune("\"<>\\^`{|}", r)
}
