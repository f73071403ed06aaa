package edge

import (
	"net/http"
	"slices"
	"strings"
)

// AllowAnyOrigin lets scripts of every origin read the answer. They bring no
// cookies, and an endpoint of clients does not look at any: what opens it is in
// the request itself.
func AllowAnyOrigin(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "WWW-Authenticate, DPoP-Nonce")
}

// Preflight answers a browser that asks whether a script may call. It may, with
// whatever headers it has: those that libraries for tracing add to every request
// mean nothing here, and what counts of the others is what they say.
func Preflight(w http.ResponseWriter, r *http.Request) error {
	header := w.Header()
	AllowAnyOrigin(header)
	header.Set("Access-Control-Allow-Methods", "GET, POST")
	header.Set("Access-Control-Allow-Headers", strings.Join(allowedHeaders(r.Header.Values("Access-Control-Request-Headers")), ", "))
	header.Set("Access-Control-Max-Age", "7200") // seconds; browsers go no further
	header.Set("Vary", "Access-Control-Request-Headers")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// How much of what a browser asks for is looked at.
const (
	maxAsked   = 2048 // bytes
	maxAllowed = 64   // names
)

// allowedHeaders are those that we know, and then those that were asked for, each
// once. What is no name of a header (RFC 9110 §5.1) is left out, and a * too: it
// would stand for all of them.
func allowedHeaders(asked []string) []string {
	allowed := []string{"Authorization", "Content-Type", "DPoP", "If-None-Match"}
	names := strings.Join(asked, ",")
	if len(names) > maxAsked {
		names = names[:strings.LastIndexByte(names[:maxAsked], ',')+1]
	}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.Trim(name, " \t")
		known := slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, name) })
		if !known && isHeaderName(name) && len(allowed) < maxAllowed {
			allowed = append(allowed, name)
		}
	}
	return allowed
}

// isHeaderName reports whether name is a token (RFC 9110 §5.6.2) other than *.
func isHeaderName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return name != "" && name != "*" && strings.Trim(name, letters+"!#$%&'*+-.^_`|~") == ""
}
