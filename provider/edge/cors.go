package edge

import "net/http"

// AllowAnyOrigin lets scripts of every origin read the answer. They bring no
// cookies, and an endpoint of clients does not look at any: what opens it is in
// the request itself.
func AllowAnyOrigin(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "WWW-Authenticate, DPoP-Nonce")
}

// Preflight answers a browser that asks whether a script may call.
func Preflight(w http.ResponseWriter, _ *http.Request) error {
	AllowAnyOrigin(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP, If-None-Match")
	w.Header().Set("Access-Control-Max-Age", "7200") // seconds; browsers go no further
	w.WriteHeader(http.StatusNoContent)
	return nil
}
