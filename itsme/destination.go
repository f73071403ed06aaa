package itsme

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// destination decides where a browser may be sent on CM's word.
type destination struct {
	hosts    []string // lower case; empty: any
	loopback bool     // plain http on this machine too
}

// parseHosts checks the entries of an allow-list.
func parseHosts(entries []string) ([]string, error) {
	hosts := make([]string, 0, len(entries))
	for _, entry := range entries {
		host := strings.TrimPrefix(strings.ToLower(entry), "*.")
		u, err := url.Parse("https://" + host + "/")
		if err != nil || u.Host != host || u.Hostname() == "" || strings.Contains(host, "*") || !isVisible(host) {
			return nil, fmt.Errorf("itsme: allowed host %q: want host, host:port or *.domain", entry)
		}
		hosts = append(hosts, strings.ToLower(entry))
	}
	return hosts, nil
}

// allows reports whether text is a URL that a browser may be sent to. A
// backslash is refused since browsers take it for a slash, and url.Parse does not.
func (d destination) allows(text string) bool {
	if !isVisible(text) || strings.ContainsRune(text, '\\') {
		return false
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	switch u.Scheme {
	case "https":
		return len(d.hosts) == 0 || d.lists(u)
	case "http":
		return d.loopback && isLoopback(u.Hostname())
	}
	return false
}

// lists reports whether the host is one of the list. An entry without a port
// means the port of https.
func (d destination) lists(u *url.URL) bool {
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, ":443")
	return slices.ContainsFunc(d.hosts, func(entry string) bool {
		entry = strings.TrimSuffix(entry, ":443")
		if domain, ok := strings.CutPrefix(entry, "*"); ok {
			return strings.HasSuffix(host, domain)
		}
		return host == entry
	})
}
