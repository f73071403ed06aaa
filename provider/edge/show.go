package edge

import (
	"net/http"

	"itsme-bridge/provider/pages"
)

// Show answers a request with a page, in the look of its client and the language of its
// person. All pages are shown here.
func Show(w http.ResponseWriter, r *http.Request, status int, page pages.Page) {
	page.Look = EventOf(r.Context()).lookOf(page.Client)
	page.UserAgent = r.UserAgent()
	inTheirLanguage(r, &page)
	pages.Write(w, status, page)
}
