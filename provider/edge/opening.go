package edge

import (
	"maps"
	"net/http"
	"slices"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// ServeWhen makes all requests wait until serving has no reason any more why nobody
// is served. Call it before the first one.
func (x *Edge) ServeWhen(serving func() error) { x.serving = serving }

// opened is a handler, or, while nobody is served yet, what tells them to come again:
// a page to people, which repeats what they wanted to do, and an error to clients.
func (x *Edge) opened(h Handler) Handler {
	if x.serving == nil {
		return h
	}
	err := x.serving()
	if err == nil {
		return h
	}
	return x.Page(func(_ http.ResponseWriter, r *http.Request) error {
		e := oauth.Unavailable(err)
		if r.Method == http.MethodPost && r.ParseForm() == nil {
			e.Form = again(r)
		}
		return e
	})
}

// again is the form that a request was.
func again(r *http.Request) *pages.Form {
	f := &pages.Form{Action: r.URL.Path}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, value := range r.PostForm[name] {
			f.Fields = append(f.Fields, pages.Field{Name: name, Value: value})
		}
	}
	return f
}
