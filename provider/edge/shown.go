package edge

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Whoever looks for a mistake wants to read what was asked for. It is a stranger's
// text: it may be a secret that somebody has put into the wrong field, or about a
// person. So only what looks like a name that a developer has given stands in the
// log, the rest is an ellipsis, and none of it is long.

const (
	hidden      = "…"
	longestPart = 25 // of a path to nowhere: shorter than the half of a handle
	longestWord = 31 // shorter than any secret that a client's entry accepts
	longestName = 64 // of what has a form of its own
	longestPath = 100
)

// Asked is the cause of a refusal, for the log: what a parameter was. The text is
// one that [ShownWord] or [ShownURL] has made.
func Asked(parameter, shown string) error { return errors.New(parameter + " is " + shown) }

// ShownWord is a name that somebody has sent, such as a client_id or a scope.
func ShownWord(text string) string {
	known := len(text) <= longestWord || uuid.MatchString(text) || strings.Contains(text, "://") || strings.HasPrefix(text, "urn:")
	return shownIf(known && isName(text), text)
}

// ShownWords are all in a list, the first ten.
func ShownWords(list []string) []string {
	var shown []string
	for _, word := range list[:min(len(list), 10)] {
		shown = append(shown, ShownWord(word))
	}
	return shown
}

// ShownURL is a URL that somebody has sent: without its query, its fragment, and
// who it names before the host.
func ShownURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme == "" && u.Host == "" && u.Path == "":
		return hidden
	case u.Opaque != "":
		return u.Scheme + ":" + shownIf(isName(u.Opaque), u.Opaque)
	}
	var b strings.Builder
	if u.Scheme != "" {
		b.WriteString(u.Scheme + ":")
	}
	if u.Host != "" {
		b.WriteString("//" + shownIf(len(u.Host) <= longestPath && strings.Trim(u.Host, hostly) == "", u.Host))
	}
	b.WriteString(segments(u.Path, isName))
	return b.String()
}

// ShownPath is the path of a request to nowhere: nobody knows whom it may be about.
func ShownPath(path string) string {
	return segments(path, func(s string) bool {
		return len(s) <= longestPart && isName(s) && !person.MatchString(s)
	})
}

// segments are those of a path that may be shown, as far as there is room.
func segments(path string, may func(string) bool) string {
	parts := strings.Split(path, "/")
	size := 0
	for i, part := range parts {
		parts[i] = shownIf(part == "" || may(part), part)
		if size += len(parts[i]) + 1; size > longestPath {
			return strings.Join(append(parts[:i], hidden), "/")
		}
	}
	return strings.Join(parts, "/")
}

func shownIf(may bool, text string) string {
	if may {
		return text
	}
	return hidden
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	hostly  = letters + ".-:[]_"
	wordy   = letters + ".-_~:+=,/"
)

var ( // read only
	uuid   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	number = regexp.MustCompile(`[0-9]([-./+:]?[0-9]){7}`)          // of a phone, of a person, a date of birth
	person = regexp.MustCompile(`^[A-Z][a-z]+([-._][A-Z][a-z]+)*$`) // a given name, or more of it
)

// isName reports whether a text may be a name that a developer has given.
func isName(text string) bool {
	return text != "" && len(text) <= longestName && strings.Trim(text, wordy) == "" && (uuid.MatchString(text) || !number.MatchString(text))
}
