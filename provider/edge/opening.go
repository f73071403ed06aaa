package edge

import (
	"io"
	"net/http"
	"net/url"
	"strings"

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
	return x.OwnForm(func(_ http.ResponseWriter, r *http.Request) error {
		e := oauth.Unavailable(err).Ordinary()
		if r.Method == http.MethodPost {
			e.Form = again(r)
		}
		return e
	})
}

// again is the form that a request was, with all of it that is well-formed; nil where
// it was none.
func again(r *http.Request) *pages.Form {
	body, err := io.ReadAll(r.Body) // bounded: see page
	if err != nil {
		return nil
	}
	f := &pages.Form{Action: r.URL.Path}
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		plainName, wrongName := url.QueryUnescape(name)
		plainValue, wrongValue := url.QueryUnescape(value)
		if name != "" && wrongName == nil && wrongValue == nil {
			f.Fields = append(f.Fields, pages.Field{Name: plainName, Value: plainValue})
		}
	}
	return f
}
