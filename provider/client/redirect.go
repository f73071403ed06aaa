package client

import (
	"slices"
	"strconv"
	"strings"
)

// MayRedirectTo reports whether a redirect URI is the client's own. It is compared
// character by character (RFC 9700 §2.1, OpenID Connect Core §3.1.2.1), but for the
// port of a native application on loopback: the application takes whichever port
// is free, and registers none (RFC 8252 §7.3).
func (c *Client) MayRedirectTo(uri string) bool {
	return slices.Contains(c.RedirectURIs, uri) ||
		c.IsPublic() && slices.ContainsFunc(c.RedirectURIs, func(registered string) bool { return isOnAnyPort(registered, uri) })
}

// IsOnAnyPort reports whether a redirect URI of a client without a secret stands for
// itself with any port: http on a loopback address, written as a number, without a port.
// localhost is none: what it leads to is for the machine to say (RFC 8252 §8.3).
func IsOnAnyPort(registered string) bool {
	_, _, ok := cutLoopback(registered)
	return ok
}

// isOnAnyPort reports whether uri is the registered one with a port: a number as
// everybody writes it, and not 0, which nobody can listen on.
func isOnAnyPort(registered, uri string) bool {
	origin, rest, ok := cutLoopback(registered)
	if !ok {
		return false
	}
	port, starts := strings.CutPrefix(uri, origin+":")
	port, ends := strings.CutSuffix(port, rest)
	n, err := strconv.ParseUint(port, 10, 16)
	return starts && ends && err == nil && n > 0 && strconv.FormatUint(n, 10) == port
}

// cutLoopback cuts a URI after its loopback address, if nothing of a host or a
// port follows there.
func cutLoopback(uri string) (origin, rest string, ok bool) {
	for _, origin := range []string{"http://127.0.0.1", "http://[::1]"} {
		rest, starts := strings.CutPrefix(uri, origin)
		if starts && (rest == "" || rest[0] == '/' || rest[0] == '?') {
			return origin, rest, true
		}
	}
	return "", "", false
}
