package provider

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// present shows a person the login as it is, without asking CM. It is for
// everybody who comes too early, too late, twice, or by an older link.
func (p *Provider) present(w http.ResponseWriter, r *http.Request, v *visit) error {
	l := &v.login.Value
	switch {
	case !v.login.OK && v.lease.Busy(): // another click is about to begin it
		label := p.labelOf(r, v.handle.ID())
		p.waiting(w, r, v.handle, &Login{
			Terms: Terms{Name: label.Name, Home: label.Home}, Request: Request{Locale: label.Locale},
		}, time.Second)
	case !v.login.OK:
		p.release(r.Context(), v)
		p.late(w, r, v.handle)
	case l.Outcome != nil:
		return p.finished(w, r, v)
	case v.lease.Busy(): // somebody else is acting on it
		p.waiting(w, r, v.handle, l, time.Second)
	default:
		p.release(r.Context(), v)
		p.standing(w, r, v)
	}
	return nil
}

// standing shows where the current attempt stands. Whoever comes here holds the
// cookie, but not the proof of this attempt: on to itsme, to get it.
func (p *Provider) standing(w http.ResponseWriter, r *http.Request, v *visit) {
	l := &v.login.Value
	if v.asks() {
		p.navigate(w, l, v.transaction.Value.AuthenticationURL)
		return
	}
	if l.Attempt.State == Waiting { // the transaction has died of old age
		l.Attempt.State = Expired
	}
	p.stopped(w, r, v.handle, l)
}

// waiting is the page that comes back by itself. It names its limit.
func (p *Provider) waiting(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login, pause time.Duration) {
	page := p.pageOf(pages.Waiting, r, h, l)
	page.Refresh = pause
	page.URL = p.currentURL(h)
	if r.Method == http.MethodGet {
		page.URL = here(r) // the proof stays in the address where it already is
	}
	until := l.Expires
	if !l.Attempt.Until.IsZero() && l.Attempt.Until.Before(until) {
		until = l.Attempt.Until
	}
	if l.Terms.ID != "" {
		page.Limit = max(0, until.Sub(p.now()).Round(time.Second))
	}
	pages.Write(w, http.StatusOK, page)
}

// unanswered is the page for a CM that did not answer. The attempt stands, so
// "try again" is the same address once more.
func (p *Provider) unanswered(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	page := p.pageOf(pages.Unavailable, r, h, l)
	page.URL = here(r)
	pages.Write(w, http.StatusServiceUnavailable, page)
}

// stopped is the page of an attempt that came to nothing: try again, or back to the application.
func (p *Provider) stopped(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	kind, status := pages.Failed, http.StatusOK
	switch l.Attempt.State {
	case Cancelled:
		kind = pages.Cancelled
	case Expired:
		kind = pages.Expired
	case NoData:
		kind = pages.NoData
	case Unavailable:
		kind, status = pages.Unavailable, http.StatusServiceUnavailable
	case Refused:
		kind, status = pages.Refused, http.StatusBadGateway
	case Waiting, Failed, Stranger, success:
	}
	page := p.pageOf(kind, r, h, l)
	if p.mayRetry(l) {
		page.Primary = p.form("/itsme/retry", h, l.Attempt.Number)
	}
	event(r.Context()).Add(slog.String("page", string(kind)))
	pages.Write(w, status, page)
}

// mayRetry reports whether another attempt may be begun in this login. For a
// client that is gone it would be paid for in vain.
func (p *Provider) mayRetry(l *Login) bool {
	_, registered := p.client(l.Terms.ID)
	return registered && l.Attempt.State != Refused && l.Attempt.Number < p.config.MaxAttempts && p.now().Before(l.Expires)
}

// finished answers for a login whose outcome is there: the same redirect while
// it can still be of use, and where to go after that.
func (p *Provider) finished(w http.ResponseWriter, r *http.Request, v *visit) error {
	o := v.login.Value.Outcome
	if p.now().Sub(o.At) < tombstone && (o.Code == "" || v.grant == storage.Sealed) {
		return p.redeliver(w, r, v)
	}
	p.over(w, v)
	return nil
}

// over is the page of a login whose outcome nobody can use any more.
func (p *Provider) over(w http.ResponseWriter, v *visit) {
	l, kind := &v.login.Value, pages.Late
	redeemed := v.grant == storage.Spent || v.grant == storage.Replayed || !l.Request.wantsCode()
	if l.Outcome.Code != "" && redeemed {
		kind = pages.Finished
	}
	pages.Write(w, http.StatusOK, pages.Page{Kind: kind, Locale: l.Request.Locale, App: l.Terms.Name, Home: l.Terms.Home})
}

// late is the page for a login of which only the label is left, or not even that.
func (p *Provider) late(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	label := p.labelOf(r, h.ID())
	pages.Write(w, http.StatusGone, pages.Page{Kind: pages.Late, Locale: label.Locale, App: label.Name, Home: label.Home})
}

// navigate leads on with a page instead of a redirect: browsers apply the
// form-action of the page a POST came from to redirects, but not to this.
func (p *Provider) navigate(w http.ResponseWriter, l *Login, to string) {
	pages.Write(w, http.StatusOK, pages.Page{
		Kind: pages.Navigate, Locale: l.Request.Locale, App: l.Terms.Name, Home: l.Terms.Home, URL: to,
	})
}

// pageOf is a page about a login, with the way back to the application.
func (p *Provider) pageOf(kind pages.Kind, r *http.Request, h storage.Handle, l *Login) pages.Page {
	page := pages.Page{
		Kind: kind, Locale: l.Request.Locale, App: l.Terms.Name, Home: l.Terms.Home,
		Reference: event(r.Context()).Reference,
	}
	if l.Terms.ID != "" {
		page.Leave = p.form("/itsme/leave", h, l.Attempt.Number)
	}
	return page
}

// form is a POST to us about one attempt of a login.
func (p *Provider) form(path string, h storage.Handle, attempt int) *pages.Form {
	return &pages.Form{Action: p.issuer.Path + path, Fields: []pages.Field{
		{Name: "login", Value: h.ID()},
		{Name: "attempt", Value: strconv.Itoa(attempt)},
		{Name: "token", Value: p.formToken(h, attempt)},
	}}
}
