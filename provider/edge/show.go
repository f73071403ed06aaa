package edge

import (
	"net/http"

	"itsme-bridge/provider/pages"
)

// Show answers a request with a page. All pages are shown here.
func Show(w http.ResponseWriter, _ *http.Request, status int, page pages.Page) {
	pages.Write(w, status, page)
}
