package client

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shown are the headers worth reading; the others would hide them.
func shown() []string {
	return []string{
		"Host", "Authorization", "Content-Type", "Location",
		"Cache-Control", "Pragma", "ETag", "WWW-Authenticate", "Retry-After",
	}
}

// written is a message as HTTP writes it, but for people.
func written(start string, header http.Header, body string) string {
	var out strings.Builder
	out.WriteString(start)
	for _, name := range shown() {
		for _, value := range header[http.CanonicalHeaderKey(name)] {
			if name == "Authorization" {
				value = authorization(value)
			}
			out.WriteString("\n" + name + ": " + value)
		}
	}
	if body != "" {
		out.WriteString("\n\n" + bodyText(body))
	}
	return out.String()
}

// target is a request line with one parameter a line.
func target(method string, u *url.URL) string { return method + " " + urlText(u.RequestURI()) }

// urlText is a URL to read: decoded, one parameter a line.
func urlText(raw string) string {
	address, query, found := strings.Cut(raw, "?")
	if !found {
		return raw
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return raw
	}
	lines := formLines(values)
	return address + "\n    ?" + strings.Join(lines, "\n    &")
}

func formText(values url.Values) string { return strings.Join(formLines(values), "\n&") }

// formLines are the parameters in the order of the alphabet, secrets shortened.
func formLines(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	lines := make([]string, 0, len(names))
	for _, name := range names {
		for _, value := range values[name] {
			if secret(name) {
				value = shortened(value)
			}
			lines = append(lines, name+"="+value)
		}
	}
	return lines
}

// secret reports whether a parameter opens something.
func secret(name string) bool {
	return slices.Contains([]string{"code", "code_verifier", "client_secret", "access_token", "refresh_token"}, name)
}

// shortened leaves enough of a secret to tell it from others, and too little to
// use it. Both ends: the bridge's handles of one login begin alike.
func shortened(value string) string {
	const head, tail = 6, 4
	if len(value) < 4*(head+tail) {
		return "…"
	}
	return value[:head] + "…" + value[len(value)-tail:]
}

// authorization shortens the credentials of a header.
func authorization(value string) string {
	scheme, credentials, _ := strings.Cut(value, " ")
	return scheme + " " + shortened(credentials)
}

// bodyText indents JSON and shortens what is secret, or long and of no use to a
// reader: tokens, and the numbers of keys.
func bodyText(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return longValue.ReplaceAllStringFunc(out.String(), func(member string) string {
		name, value, _ := strings.Cut(member, `": "`)
		return name + `": "` + shortened(value)
	})
}

// longValue is a member of a JSON object, up to the quote that ends its value.
var longValue = regexp.MustCompile(`"(?:access_token|id_token|refresh_token|n|x|y)": "[^"]+`)
