package edge

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Issuer is the one address that everything is below (OpenID Connect Discovery
// 1.0 §3). It comes from the configuration, and never from a request.
type Issuer struct {
	text string
	url  *url.URL
}

// NewIssuer reads an absolute URL.
func NewIssuer(text string) (Issuer, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.HasSuffix(text, "/") || u.RawQuery != "" || u.Fragment != "" {
		return Issuer{}, fmt.Errorf("provider: issuer %q is not an absolute URL without trailing slash, query and fragment", text)
	}
	return Issuer{text, u}, nil
}

func (i Issuer) String() string { return i.text }

// At is the absolute URL of one of our paths.
func (i Issuer) At(path string) string { return i.text + path }

// Path is what the paths of requests begin with; often nothing.
func (i Issuer) Path() string { return i.url.Path }

// Origin is what browsers say of requests from our own pages (RFC 6454 §6.1).
func (i Issuer) Origin() string { return i.url.Scheme + "://" + i.url.Host }

// secure reports whether browsers reach us by https.
func (i Issuer) secure() bool { return i.url.Scheme == "https" }

// CookiePrefix is __Host- on https: no other host and no plain connection can
// set such a cookie (RFC 6265bis §4.1.3.2). On loopback by http neither it nor
// Secure can be had in every browser.
func (i Issuer) CookiePrefix() string {
	if i.secure() {
		return "__Host-itsme-"
	}
	return "itsme-"
}

// CookieName is the name of a cookie of which a browser has one for all clients. Its
// path is always "/", so its name tells issuers on one host apart.
func (i Issuer) CookieName(word string) string {
	return i.CookiePrefix() + word + strings.ReplaceAll(i.Path(), "/", "+")
}

// Cookie is one of ours. Its age is in seconds; a negative one takes it back.
func (i Issuer) Cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure wherever there is https
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: i.secure(), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // sent when itsme leads the browser back, and with nothing that another site embeds
	}
}

// Private sets what every answer to a client carries (RFC 6749 §5.1).
func (i Issuer) Private(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
	i.strict(header)
}

// strict sets what every answer without a page carries.
func (i Issuer) strict(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	if i.secure() {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
