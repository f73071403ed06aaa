package edge

import (
	"net/http"
	"slices"
	"strings"
)

// Arrival is what a browser's request turns out to be. That can be read from its
// fetch metadata (https://www.w3.org/TR/fetch-metadata/), which a page cannot forge.
type Arrival int

// The arrivals.
const (
	Doubtful   Arrival = iota // nobody can say: ask
	Navigation                // a person on the way
	Embedded                  // an image, a frame, a script
	Prefetched                // a browser's guess at what the person may want next
)

// ArrivalOf reads the fetch metadata of a request. Only what is there whole, and in
// words that are known, is a navigation; what names a part of a page is one, even if
// it is all that is there; and whatever is between is doubtful.
func ArrivalOf(h http.Header) Arrival {
	ahead, purpose := fetchedAhead(h)
	mode, destination := metadata(h, "Sec-Fetch-Mode"), metadata(h, "Sec-Fetch-Dest")
	switch {
	case ahead:
		return Prefetched
	case slices.Contains(partModes(), mode) || slices.Contains(partDestinations(), destination):
		return Embedded
	case mode == "navigate" && destination == "document" && !purpose:
		return Navigation
	default:
		return Doubtful
	}
}

// fetchedAhead reports whether a browser says that it only guesses, and whether it
// says anything of a purpose at all: Chrome, Safari and Firefox, today and years ago.
func fetchedAhead(h http.Header) (ahead, purpose bool) {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		said := strings.ToLower(strings.Join(h.Values(name), ","))
		for _, guess := range []string{"prefetch", "prerender", "preview"} {
			ahead = ahead || strings.Contains(said, guess)
		}
		purpose = purpose || strings.TrimSpace(said) != ""
	}
	return ahead, purpose
}

// metadata is the word of one header (RFC 9651 §3.3.4), without its parameters;
// empty without one, and where two lines disagree.
func metadata(h http.Header, name string) string {
	found := ""
	for i, line := range h.Values(name) {
		word, _, _ := strings.Cut(line, ";")
		word = strings.ToLower(strings.TrimSpace(word))
		if i > 0 && word != found {
			return ""
		}
		found = word
	}
	return found
}

// partModes are the modes of requests that are no navigation of a whole window.
func partModes() []string {
	return []string{"cors", "no-cors", "same-origin", "websocket", "nested-navigate"}
}

// partDestinations are what pages are made of (https://fetch.spec.whatwg.org/#concept-request-destination).
func partDestinations() []string {
	return []string{
		"empty", "iframe", "frame", "fencedframe", "embed", "object", "image", "script", "style", "font", "audio", "video", "track",
		"manifest", "json", "text", "report", "worker", "serviceworker", "sharedworker", "audioworklet", "paintworklet", "speculationrules",
		"xslt", "webidentity",
	}
}

// ByHand reports whether a person's own act is behind a navigation: a click, a
// typed address. Browsers keep saying so through redirects.
func ByHand(h http.Header) bool { return metadata(h, "Sec-Fetch-User") == "?1" }

// Returns reports whether the browser brings any cookie of ours: then it keeps them.
func (i Issuer) Returns(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool { return strings.HasPrefix(c.Name, i.CookiePrefix()) })
}
