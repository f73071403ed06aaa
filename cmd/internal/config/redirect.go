package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/provider/client"
)

// redirection is what RFC 6749 §3.1.2 and RFC 9700 §2.1 ask of a redirect URI.
func redirection() []rule {
	return []rule{
		{func(_ *url.URL, text string) bool { return strings.Contains(text, "#") }, "holds a fragment, which OAuth forbids; write it without #…"},
		{
			func(_ *url.URL, text string) bool { return strings.Contains(text, "*") },
			"holds a *, and redirect URIs are compared character by character; list each one",
		},
		ascending(),
	}
}

func ascending() rule {
	return rule{
		func(u *url.URL, _ string) bool { return slices.Contains(strings.Split(u.Path, "/"), "..") },
		"goes up by .., which browsers resolve before they ask; write the path that is meant",
	}
}

func readRedirectURIs(s document.Section, public bool) []string {
	s.Missing("redirect_uris", "list where the application takes its answers, exactly as it sends them")
	v := s.Value("redirect_uris")
	if v.List() && len(v.Items()) == 0 {
		v.Wrong("is empty; list where the application takes its answers")
	}
	uris := readURIs(v, webOrNative(), redirection())
	if public {
		warnOfLocalhost(v)
	}
	return uris
}

// warnOfLocalhost: only a loopback address as a number stands for itself with any port.
func warnOfLocalhost(v document.Value) {
	for _, item := range v.Items() {
		u, err := url.Parse(item.Text())
		if err == nil && u.Scheme == "http" && strings.EqualFold(u.Hostname(), "localhost") {
			item.Warn("names localhost, and is taken with no other port than its own (RFC 8252 §8.3); " +
				"for an application that listens on any port write http://127.0.0.1 or http://[::1] without a port, and the path")
		}
	}
}

// readSector reads what a pairwise subject is made for (OpenID Connect Core
// §8.1). A client with redirect URIs on one host needs no word about it.
func readSector(s document.Section, c *client.Client) string {
	v := s.Value("sector_identifier")
	if c.Subject == client.Public {
		if v.There() {
			v.Wrong("is of no use with subject: public; leave it out")
		}
		return ""
	}
	if v.There() {
		sector, ok := v.Read()
		if ok && (sector == "" || strings.ContainsFunc(sector, notOfHost)) {
			v.Wrong("%s is not a host name in small letters; write such as example.be", v.Quoted())
		}
		return sector
	}
	hosts := hostsOf(c)
	switch {
	case len(hosts) > 1:
		v.Wrong("is missing, and the redirect URIs have several hosts (%s); write the one that the client began with: another one changes every subject",
			strings.Join(hosts, ", "))
	case len(hosts) == 1 && hosts[0] == noHost:
		v.Wrong("is missing, and the redirect URIs have no host%s; write a host name that stays, such as example.be", ofItsOwn(c))
	case len(hosts) == 1:
		return hosts[0]
	}
	return ""
}

func notOfHost(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune(".-:", r))
}

// noHost is what the address of an app has.
const noHost = "none"

// ofItsOwn names the subjects that a client may have had so far: every machine is
// the host of a loopback address, and so the sector of all such clients was one.
func ofItsOwn(c *client.Client) string {
	for _, text := range c.RedirectURIs {
		if u, err := url.Parse(text); err == nil && client.IsOnAnyPort(text) {
			return fmt.Sprintf(" of the application's own (a client that ran without this keeps its subjects with %s)", u.Hostname())
		}
	}
	return ""
}

// hostsOf are the different hosts, without ports, in their order.
func hostsOf(c *client.Client) []string {
	var hosts []string
	for _, text := range c.RedirectURIs {
		u, err := url.Parse(text)
		if err != nil {
			continue // complained of
		}
		host := strings.ToLower(u.Hostname())
		if native(u) || c.IsPublic() && client.IsOnAnyPort(text) {
			host = noHost
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
