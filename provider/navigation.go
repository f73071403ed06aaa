package provider

import (
	"net/http"
	"strings"
)

// A transaction is money (promise 8): only a person's top-level navigation
// starts one. What a request is can be read from its fetch metadata
// (https://www.w3.org/TR/fetch-metadata/), which a page cannot forge.

// arrival is what an authorization request turns out to be.
type arrival int

const (
	doubtful   arrival = iota // nobody can say: ask
	navigation                // a person on the way
	embedded                  // an image, a frame, a script
	prefetched                // a browser's guess at what the person may want next
)

// arrivalOf reads the fetch metadata of a request.
func arrivalOf(h http.Header) arrival {
	if strings.Contains(h.Get("Sec-Purpose"), "prefetch") || strings.Contains(h.Get("Purpose"), "prefetch") {
		return prefetched
	}
	mode, destination := h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest")
	switch {
	case mode == "" && destination == "":
		return doubtful
	case mode == "navigate" && destination == "document":
		return navigation
	default:
		return embedded
	}
}

// mayStart says whether a request starts a transaction at once (true), or
// after a click (false). An error is a refusal.
func (m StartMode) mayStart(h http.Header) (bool, error) {
	if m == StartDirect {
		return true, nil
	}
	switch arrivalOf(h) {
	case embedded:
		return false, fail(http.StatusForbidden, invalidRequest,
			"A login must be a navigation of the whole window, not a part of another page.")
	case prefetched: // an answer that is not a success is thrown away, and the real request comes
		return false, fail(http.StatusServiceUnavailable, temporarilyUnavailable, "A login is not fetched ahead.")
	case navigation:
		return m == StartAuto, nil
	default:
		return false, nil
	}
}

// mayFetch refuses a request that could not start a transaction before its
// request object is fetched: another page's image must not make us ask a
// client's host.
func (m StartMode) mayFetch(h http.Header, requestURI string) error {
	if requestURI == "" || strings.HasPrefix(requestURI, requestURIPrefix) {
		return nil
	}
	_, err := m.mayStart(h)
	return err
}
