package edge

import (
	"net/http"
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

// ArrivalOf reads the fetch metadata of a request.
func ArrivalOf(h http.Header) Arrival {
	if strings.Contains(h.Get("Sec-Purpose"), "prefetch") || strings.Contains(h.Get("Purpose"), "prefetch") {
		return Prefetched
	}
	mode, destination := h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest")
	switch {
	case mode == "" && destination == "":
		return Doubtful
	case mode == "navigate" && destination == "document":
		return Navigation
	default:
		return Embedded
	}
}
