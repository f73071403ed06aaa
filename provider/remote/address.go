package remote

import (
	"net/url"
	"strings"
)

// parse reads an address: an absolute URL of https, or of http, which the guard
// then keeps on this machine. A fragment is allowed (OpenID Connect Core §6.2),
// and not sent. The host is of plain letters, so that it can stand in an error.
func parse(address string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil || target.Hostname() == "" || !plainHost(target.Hostname()) {
		return nil, forbidden("", errAddress)
	}
	switch {
	case target.Scheme != "https" && target.Scheme != "http":
		return nil, forbidden(target.Hostname(), errScheme)
	case target.User != nil:
		return nil, forbidden(target.Hostname(), errUser)
	}
	return target, nil
}

// plainHost reports whether a host has only characters of DNS names and IP
// addresses: no zone, nothing that is still to be encoded.
func plainHost(host string) bool {
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == ""
}

// hostOf is the host of an address that has been parsed before.
func hostOf(address string) string {
	target, err := parse(address)
	if err != nil {
		return ""
	}
	return target.Hostname()
}
