package authorize

import "net/http"

// MayStart says whether a request starts a transaction at once.
func (m StartMode) MayStart(h http.Header) (bool, error) { return m.mayStart(h) }
