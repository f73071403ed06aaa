package provider

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// router finds the handler of a path and a method. The patterns are those of
// [http.ServeMux], but what that answers by itself is not wanted: a redirect to a
// cleaned path repeats the query, and GET's handler does not answer HEAD, which comes
// from previews of links and not from people.
type router struct {
	mux                  *http.ServeMux
	methods              map[string]methods // by pattern
	notFound, notAllowed http.HandlerFunc
}

func newRouter(notFound, notAllowed http.HandlerFunc) *router {
	t := &router{http.NewServeMux(), map[string]methods{}, notFound, notAllowed}
	t.mux.Handle("/", notFound)
	return t
}

// handle says what answers a method at the paths of a pattern.
func (t *router) handle(method, pattern string, h http.HandlerFunc) {
	if t.methods[pattern] == nil {
		t.methods[pattern] = methods{}
		t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { t.methods[pattern].serve(w, r, t.notAllowed) })
	}
	t.methods[pattern][method] = h
}

// ServeHTTP answers with what handle was told.
func (t *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/") || untidy(r.URL.Path) {
		t.notFound(w, r)
		return
	}
	t.mux.ServeHTTP(w, r)
}

// untidy reports whether a path is written in a way that [http.ServeMux] would redirect.
func untidy(p string) bool {
	return p != "/" && path.Clean(p) != strings.TrimSuffix(p, "/") || p == "//"
}

// methods are what one path answers.
type methods map[string]http.HandlerFunc

func (m methods) serve(w http.ResponseWriter, r *http.Request, notAllowed http.HandlerFunc) {
	if h := m[r.Method]; h != nil {
		h(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(m)), ", ")) // RFC 9110 §15.5.6
	notAllowed(w, r)
}
