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
	StartAuto   StartMode = "auto"   // a top-level navigation at once, anything doubtful after a click: see mayKeepNothing
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
			"A login must be a navigation of the whole window, not a part of another page.").Of(oauth.Embedded)
	case edge.Prefetched: // an answer that is not a success is thrown away, and the real request comes
		return false, oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable, "A login is not fetched ahead.").Ordinary()
	case edge.Navigation:
		return m == StartAuto, nil
	default:
		return false, nil
	}
}

// mayKeepNothing reports whether it is in doubt that the browser keeps cookies,
// without which its transaction would be paid for in vain: it could not come back.
// It has brought none of ours, and no act of a person is behind the navigation. The
// click on "Continue" shows it: it comes with the cookie of its page, or is told to
// allow one, and then nothing has been started.
//
// A person's own act goes on at once although no cookie is there yet. Nearly every
// first login of a day begins so, in a browser that keeps them, and each would have
// to be asked. A script or a timer of another page, a crawler or a headless browser
// is what mostly comes without both.
func (e *Endpoints) mayKeepNothing(r *http.Request) bool {
	return e.config.Start == StartAuto && !edge.ByHand(r.Header) && !e.issuer.Returns(r)
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
