package config

import (
	"crypto/sha256"
	"net/url"
	"regexp"
	"strings"
	"time"

	"itsme-bridge/cmd/internal/config/document"
	"itsme-bridge/itsme"
	"itsme-bridge/provider/login"
)

func readUpstream(s document.Section, about situation) itsme.Config {
	c := itsme.Config{Timeout: s.Value("timeout").Duration(itsme.DefaultTimeout, 100*time.Millisecond, 30*time.Second)}
	patience := s.Value("status_timeout")
	c.StatusTimeout = patience.Duration(30*time.Second, 100*time.Millisecond, time.Minute)
	if c.StatusTimeout < c.Timeout {
		patience.Wrong("%s is shorter than itsme.timeout (%s), and CM gives an identity once; write at least as much",
			document.Duration(c.StatusTimeout), document.Duration(c.Timeout))
	}
	s.Missing("url", "write production, sandbox or the URL of a simulator")
	c.BaseURL, c.AllowLoopback = readBaseURL(s.Value("url"))
	token, at := s.Secret("token")
	at.Missing("write the merchant token that CM gave you")
	c.Token = readToken(token, at, about)
	c.AllowedHosts = readHosts(s.Value("allowed_hosts"))
	c.Proxy = readProxy(s, c.AllowLoopback)
	return c
}

// readProxy reads by which proxy CM is reached. It may hold a password, so no
// message repeats it.
func readProxy(s document.Section, simulated bool) *url.URL {
	proxy, at := s.Secret("proxy")
	if !proxy.Given() {
		if name, ok := s.Environment("HTTPS_PROXY", "https_proxy"); ok && !simulated {
			at.Warn("is missing, and %s in the environment counts for nothing here; write it as itsme.proxy if CM is reached by a proxy", name)
		}
		return nil
	}
	u, err := url.Parse(proxy.Reveal())
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		at.Wrong("is not the URL of a proxy; write such as http://proxy.example.be:3128")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		at.Wrong("holds a path, a query or a fragment; write such as http://proxy.example.be:3128")
	case simulated:
		at.Wrong("is of no use with a simulator on this machine; leave it out")
	default:
		return u
	}
	return nil
}

// readBaseURL reads where CM is. A simulator on loopback may send browsers to
// loopback, too; nobody else may.
func readBaseURL(v document.Value) (base string, simulated bool) {
	switch text := v.Text(); text {
	case "", "production", "sandbox":
		return text, false
	default:
		u, ok := address(v, web(), []rule{
			{
				func(u *url.URL, _ string) bool { return u.RawQuery != "" || u.ForceQuery || u.Fragment != "" },
				"holds a query or a fragment; write production, sandbox or a URL without",
			},
		})
		return text, ok && u.Scheme == "http"
	}
}

func readHosts(v document.Value) []string {
	hosts := make([]string, 0)
	for _, item := range v.Items() {
		host := item.Text()
		if host == "" {
			continue // complained of
		}
		if _, err := itsme.New(itsme.Config{BaseURL: "production", AllowedHosts: []string{host}}); err != nil {
			item.Wrong("is not a host; write host, host:port or *.domain")
			continue
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// guid is what CM's documentation says a merchant token is.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// readToken reads a merchant token. One of another form is taken, with a word of
// doubt: it is CM's to say what a token is.
func readToken(token document.Secret, at document.Value, about situation) string {
	if !token.Given() {
		return ""
	}
	about.notExampleHash(sha256.Sum256([]byte(strings.ToLower(token.Reveal()))), at) // a GUID is the same in capitals
	if text := token.Reveal(); strings.ContainsFunc(text, unfit) {
		at.Wrong("holds a space, a quote or the like; write the merchant token alone")
	} else if !guid.MatchString(text) {
		at.Warn("is not a GUID, as CM's merchant tokens are; is it the right one?")
	}
	return token.Reveal()
}

func readReturnShape(s document.Section) login.ReturnShape {
	shape := s.Value("return_url")
	chosen := login.ReturnShape(shape.Choice(string(login.ReturnPath), string(login.ReturnPath), string(login.ReturnQuery)))
	fixed := s.Value("insecure_fixed_return_url")
	if !fixed.Flag(false) {
		return chosen
	}
	if shape.There() {
		fixed.Wrong("stands beside return_url, and a fixed URL has no proof to put anywhere; keep one of the two")
	}
	fixed.Warn("takes away one of the two halves that a login needs: whoever holds the cookie can finish the login without coming from itsme; " +
		"use it only if CM accepts no other return URL")
	return login.ReturnFixed
}
