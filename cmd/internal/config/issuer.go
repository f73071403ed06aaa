package config

import (
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"itsme-bridge/cmd/internal/config/document"
)

// readIssuer reads the issuer (OpenID Connect Discovery 1.0 §3), and says
// whether it is on loopback.
func readIssuer(v document.Value) (issuer string, local bool) {
	if v.Missing("write the URL that clients know this bridge by, such as https://login.example.be") {
		return "", true
	}
	u, ok := address(v, web(), exactly())
	if !ok {
		return "", true
	}
	return v.Text(), isLoopback(u.Hostname())
}

// CheckIssuer says what is wrong with an issuer, and what would be right; nothing, if
// it is one.
func CheckIssuer(issuer string) string {
	text, err := yaml.Marshal(map[string]string{"issuer": issuer})
	if err != nil {
		return err.Error()
	}
	d := document.Parse("", text, func(string) (string, bool) { return "", false })
	readIssuer(d.Root().Value("issuer"))
	if problems := d.Problems(); len(problems) > 0 {
		return problems[0].Text
	}
	return ""
}

// segments of an issuer's path: letters that no router and no proxy reads in its own way.
var segments = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// exactly: clients compare the issuer character by character.
func exactly() []rule {
	return []rule{
		{func(_ *url.URL, text string) bool { return strings.Contains(text, "?") }, "holds a query; write it without ?…"},
		{func(_ *url.URL, text string) bool { return strings.Contains(text, "#") }, "holds a fragment; write it without #…"},
		{
			func(_ *url.URL, text string) bool { return strings.HasSuffix(text, "/") },
			"ends in a slash, and clients compare it character by character; write it without",
		},
		{func(u *url.URL, _ string) bool { return u.Host != strings.ToLower(u.Host) }, "has capital letters in its host; write small ones"},
		{
			func(u *url.URL, _ string) bool {
				return u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80"
			},
			"names the usual port; write it without",
		},
		{func(u *url.URL, _ string) bool { return strings.HasSuffix(u.Host, ":") }, "ends in a colon; write a port, or none"},
		{
			func(u *url.URL, _ string) bool { return !segments.MatchString(u.EscapedPath()) },
			"has a path with other characters than letters, digits and -._~; write a plainer one",
		},
	}
}
