package edge

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"
	"time"

	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
)

// Front answers whoever looks at our address itself: with a page that leads to the
// application, if there is but one, or else to the operator.
func (x *Edge) Front(w http.ResponseWriter, r *http.Request) error {
	var app oauth.App
	var locale string
	if x.home != nil {
		app, locale = x.home(nil)
	}
	Show(w, r, http.StatusOK, pages.Page{
		Kind: pages.Front, Locale: pages.Locale(locale, r.Header.Get("Accept-Language")), Client: app.ID, App: app.Name, Home: app.Home,
	})
	return nil
}

// Robots tells crawlers that nothing is here for them (RFC 9309), and people who read it
// whose this is: what opens a login costs money.
func (x *Edge) Robots(w http.ResponseWriter, r *http.Request) error {
	text := "# Applications let people log in with itsme® here.\n"
	if l := x.lookOf(""); l != nil && cmp.Or(l.Name, l.Home) != "" {
		text += "# " + strings.Join(strings.Fields(l.Name+" "+l.Home), " ") + "\n"
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte(text+"User-agent: *\nDisallow: /\n")))
	return nil
}
