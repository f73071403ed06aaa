package edge

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"itsme-bridge/provider/oauth"
)

// Decode reads the named parameters of a query or of a form. Whatever else is
// there means nothing here, and does no harm however it is written (RFC 6749
// §3.1). Only an ampersand separates: a semicolon is a character like others (RFC
// 3986 §3.4), and a parameter without a value is as one that was left out (RFC
// 6749 §3.1).
//
// The error names the first of them that is malformed. What is well-formed is
// there also then, so that the page of a refusal can tell whose request it was. Of a
// repeated parameter there are two values, however often it is repeated, and also
// where they are empty: it must not be (RFC 6749 §3.1).
func Decode(text string, names []string) (url.Values, *oauth.Error) {
	values := url.Values{}
	single := make([]string, 0, min(len(names), 1+strings.Count(text, "&"))) // first values, in one piece
	var refused *oauth.Error
	for pair := range strings.SplitSeq(text, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil || !slices.Contains(names, name) {
			continue
		}
		value, err := url.QueryUnescape(rawValue)
		switch {
		case err != nil && refused == nil:
			refused = oauth.BadRequest("The parameter " + name + " is not properly percent-encoded.")
		case err == nil && len(values[name]) == 0:
			single = append(single, value)
			values[name] = single[len(single)-1 : len(single) : len(single)]
		case err == nil && len(values[name]) == 1:
			values[name] = append(values[name], value)
		}
	}
	maps.DeleteFunc(values, func(_ string, found []string) bool { return len(found) == 1 && found[0] == "" })
	return values, refused
}

// encodedAnew is a query with the same well-formed pairs, in the same order, in
// the characters of RFC 3986 alone.
func encodedAnew(query string) string {
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		rawName, rawValue, hasValue := strings.Cut(pair, "=")
		name, badName := url.QueryUnescape(rawName)
		value, badValue := url.QueryUnescape(rawValue)
		if pair == "" || badName != nil || badValue != nil {
			continue
		}
		if pair = url.QueryEscape(name); hasValue {
			pair += "=" + url.QueryEscape(value)
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "&")
}
