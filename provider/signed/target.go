package signed

import (
	"net/url"
	"strings"
)

// target is where a request goes, without query and fragment, after the normalization of RFC 3986 §6.2.2 and §6.2.3,
// so that two that mean the same are equal (RFC 9449 §4.3).
type target struct{ scheme, host, port, path string }

// targetOf reads an absolute URL.
func targetOf(raw string) (target, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return target{}, false
	}
	u.RawPath = unescape(u.EscapedPath())
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return target{}, false
	}
	u = u.ResolveReference(u) // removes the dots
	t := target{u.Scheme, strings.ToLower(u.Hostname()), u.Port(), u.EscapedPath()}
	if t.path == "" {
		t.path = "/"
	}
	if t.scheme == "https" && t.port == "443" || t.scheme == "http" && t.port == "80" {
		t.port = ""
	}
	return t, true
}

// unescape decodes what need not be encoded, and writes the rest in upper case (RFC 3986 §6.2.2.1 and §6.2.2.2). A
// slash that is encoded stays encoded: it separates nothing. Each percent sign has its two digits, as of a parsed URL.
func unescape(path string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	var out strings.Builder
	for path != "" {
		plain, _, _ := strings.Cut(path, "%")
		out.WriteString(plain)
		if path = path[len(plain):]; path == "" {
			break
		}
		escape := strings.ToUpper(path[:3])
		if char, err := url.PathUnescape(escape); err == nil && strings.Contains(unreserved, char) {
			escape = char
		}
		out.WriteString(escape)
		path = path[3:]
	}
	return out.String()
}
