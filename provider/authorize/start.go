package authorize

import (
	"net/http"
	"strings"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
)

// StartMode says who may start a transaction at CM. A transaction is money:
// only a person's top-level navigation starts one.
type StartMode string

// The start modes.
const (
	StartAuto   StartMode = "auto"   // a top-level navigation at once, anything doubtful after a click
	StartAsk    StartMode = "ask"    // everybody after a click
	StartDirect StartMode = "direct" // everybody at once: tests and closed networks
)

// mayStart says whether a request starts a transaction at once (true), or
// after a click (false). An error is a refusal.
func (m StartMode) mayStart(h http.Header) (bool, error) {
	if m == StartDirect {
		return true, nil
	}
	switch edge.ArrivalOf(h) {
	case edge.Embedded:
		return false, oauth.Fail(http.StatusForbidden, oauth.InvalidRequest,
			"A login must be a navigation of the whole window, not a part of another page.")
	case edge.Prefetched: // an answer that is not a success is thrown away, and the real request comes
		return false, oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable, "A login is not fetched ahead.").Ordinary()
	case edge.Navigation:
		return m == StartAuto, nil
	default:
		return false, nil
	}
}

// byReference reports whether a request names an address where its request object
// must be fetched.
func byReference(requestURI string) bool {
	return requestURI != "" && !strings.HasPrefix(requestURI, request.URIPrefix)
}

// mayFetch refuses a request that could not start a transaction before its
// request object is fetched: another page's image must not make us ask a
// client's host, and nobody may as often as they like.
func (e *Endpoints) mayFetch(r *http.Request, requestURI string) error {
	if !byReference(requestURI) {
		return nil
	}
	if _, err := e.config.Start.mayStart(r.Header); err != nil {
		return err
	}
	return e.ceilings.CountFetch(r.Context())
}
