package edge

import (
	"maps"
	"net/http"
)

// Page sets what every answer to a browser carries. The policy of its content
// is set with the content, by package pages.
//
// Referrer-Policy is strict-origin since under no-referrer a form's POST says
// "Origin: null". There is no Cross-Origin-Opener-Policy: a login in a popup
// needs its opener.
func (x *Edge) Page(h Handler) Handler { return x.page(h, MaxBody) }

// OwnForm is Page for where a form of ours leads.
func (x *Edge) OwnForm(h Handler) Handler { return x.page(h, MaxForm) }

func (x *Edge) page(h Handler, most int64) Handler {
	every := http.Header{
		"Cache-Control":           {"no-store"},
		"Referrer-Policy":         {"strict-origin"},
		"X-Content-Type-Options":  {"nosniff"},
		"X-Frame-Options":         {"DENY"}, // for browsers without frame-ancestors
		"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"},
	}
	if x.issuer.secure() {
		every.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		maps.Copy(w.Header(), every)
		Bound(w, r, most)
		return h(w, r)
	}
}

// Bound lets no more than so many bytes of a request's body be read.
func Bound(w http.ResponseWriter, r *http.Request, most int64) {
	if r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, most)
	}
}
