package login

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// screens are the pages about a login. Each leads on: to another attempt, or back
// to the application.
type screens struct {
	issuer      edge.Issuer
	clients     *client.Registry
	proofs      *proofs
	labels      *storage.Bucket[Label]
	trails      trails
	cookies     cookies
	maxAttempts int
	metrics     *metrics
	now         func() time.Time
}

// page is a page about a login, with the way back to the application.
func (s *screens) page(kind pages.Kind, r *http.Request, h storage.Handle, l *Login) pages.Page {
	return pages.Page{
		Kind: kind, Locale: l.Request.Locale, Client: l.Terms.ID, App: l.Terms.Name, Home: l.Terms.Home,
		Reference: edge.EventOf(r.Context()).Reference, Trace: edge.EventOf(r.Context()).Trace(),
		Leave: s.proofs.form("/itsme/leave", h, l.Attempt.Number),
	}
}

// waiting is the page that comes back by itself. It names its limit.
func (s *screens) waiting(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login, pause time.Duration) {
	if watches(r) {
		s.still(w, l, pause)
		return
	}
	page := s.page(pages.Waiting, r, h, l)
	if r.Method == http.MethodGet && l.extensible() && s.proofs.broughtBy(r, h, l.Attempt.Number) {
		page.More = s.proofs.formAt(edge.HereAgain(r), h, l.Attempt.Number)
	}
	show := func() {
		page.Limit = s.limit(l) // as it is when the person sees it
		s.comeBack(w, r, h, page, pause)
	}
	if !keeps(r, h.ID(), pause, show) {
		show()
	}
}

// beginning is the waiting page of a login that another click is about to begin:
// there is nothing to leave yet.
func (s *screens) beginning(w http.ResponseWriter, r *http.Request, h storage.Handle, app oauth.App, locale string) {
	if watches(r) {
		s.still(w, new(Login), time.Second)
		return
	}
	s.comeBack(w, r, h, pages.Page{
		Kind: pages.Waiting, Locale: locale, Client: app.ID, App: app.Name, Home: app.Home, Reference: edge.EventOf(r.Context()).Reference,
		Trace: edge.EventOf(r.Context()).Trace(),
	}, time.Second)
}

func (s *screens) comeBack(w http.ResponseWriter, r *http.Request, h storage.Handle, page pages.Page, pause time.Duration) {
	page.Refresh, page.Reload = pause, comesBackIn(r, pause)
	page.URL = s.current(h)
	if r.Method == http.MethodGet {
		page.URL = edge.HereAgain(r) // the proof stays in the address where it already is
	}
	edge.Show(w, r, http.StatusOK, page)
}

// current is where the holder of a login's cookie finds it.
func (s *screens) current(h storage.Handle) string { return s.issuer.At("/itsme/login/" + h.ID()) }

// unanswered is the page for a CM that did not answer. The attempt stands, so
// "try again" is the same address once more.
func (s *screens) unanswered(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	page := s.page(pages.Unavailable, r, h, l)
	page.Kept = true
	page.URL = edge.HereAgain(r)
	edge.Show(w, r, http.StatusServiceUnavailable, page)
}

// stopped is the page of an attempt that came to nothing: try again, or back to the application.
func (s *screens) stopped(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	page, status := s.stop(r, h, l)
	if s.mayRetry(l) || l.Attempt.State == Expired && l.Terms.RestartExpired {
		page.Primary = s.proofs.form("/itsme/retry", h, l.Attempt.Number)
	}
	edge.Show(w, r, status, page)
}

// usedUp is stopped where the pushed request of the login begins no attempt any more: the client
// has had its answer by another tab (RFC 9126 §4), or transactions enough were started with it. The
// client can push another one, and so the page leads to where it is at home. It does not tell the
// client of this login too, which may have thrown away what it knew the request by.
func (s *screens) usedUp(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	if l.Attempt.State == Waiting { // the transaction has died, or nobody would have asked for another
		l.Attempt.State = Expired
	}
	page, status := s.stop(r, h, l)
	page.Leave = nil
	edge.EventOf(r.Context()).Add(slog.Bool("request_uri_used_up", true))
	edge.Show(w, r, status, page)
}

// stop says how an attempt came to nothing.
func (s *screens) stop(r *http.Request, h storage.Handle, l *Login) (page pages.Page, status int) {
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
	page = s.page(kind, r, h, l)
	page.Waited = l.Attempt.State == Expired && !l.Attempt.Until.IsZero()
	edge.EventOf(r.Context()).Add(slog.String("page", string(kind)))
	return page, status
}

// mayRetry reports whether another attempt may be begun in this login. For a
// client that is gone it would be paid for in vain.
func (s *screens) mayRetry(l *Login) bool {
	_, registered := s.clients.Find(l.Terms.ID)
	return registered && l.Attempt.State != Refused && l.Attempt.Number < s.maxAttempts && s.now().Before(l.Expires)
}

// full tells a person to wait; the same click tries again.
func (s *screens) full(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login, wait time.Duration) {
	page := s.page(pages.TooMany, r, h, l)
	page.Wait = wait
	page.Primary = s.proofs.form("/itsme/retry", h, l.Attempt.Number)
	edge.Show(w, r, http.StatusTooManyRequests, page)
}

// toItsme leads on to itsme.
func (s *screens) toItsme(w http.ResponseWriter, r *http.Request, l *Login, to string) {
	edge.Navigate(w, r, l.Terms.App(), l.Request.Locale, to)
}

// over is the page of a login whose outcome nobody can use any more.
func (s *screens) over(w http.ResponseWriter, r *http.Request, v *visit) {
	l, kind := &v.login.Value, pages.Late
	redeemed := v.spent() || !l.Request.WantsCode()
	if redeemed && (l.Outcome == nil || l.Outcome.Code != "") {
		kind = pages.Finished
	}
	edge.Show(w, r, http.StatusOK, pages.Page{
		Kind: kind, Locale: l.Request.Locale, Client: l.Terms.ID, App: l.Terms.Name, Home: l.Terms.Home, Reference: edge.EventOf(r.Context()).Reference,
		Trace: edge.EventOf(r.Context()).Trace(),
	})
}

// late is the page for a login of which only the label is left, or not even that.
// Where it cannot be over yet, our store has forgotten it: then the same request
// can begin anew.
func (s *screens) late(w http.ResponseWriter, r *http.Request, h storage.Handle) {
	page := s.labelled(r, h.ID(), pages.Late)
	step, ok := s.trails.step(r, h.ID())
	if _, registered := s.clients.Find(step.Client); ok && registered && step.Again != "" {
		page.URL = s.issuer.Path() + "/authorize?" + step.Again + "&" + pages.LanguageParameter + "=" + edge.Language(r, step.Locale)
	}
	returned := s.proofs.shown(r, h) && s.cookies.age(r, h) < leastLife // whatever the trail says, which another tab may have overwritten
	switch {
	case ok && step.Waits && page.URL != "" && !returned: // nobody has clicked yet, so nothing is lost
		page.Kind = pages.Continue
	case ok && !step.Waits && s.trails.age(step) < leastLife, returned:
		event := edge.EventOf(r.Context())
		event.Add(slog.Bool("login_forgotten", true))
		event.Warn()
		page.Kind = pages.Forgotten
	default:
		page.URL = ""
	}
	edge.Show(w, r, http.StatusGone, page)
}

// leastLife is how long every login is kept at least: see [Login.life].
const leastLife = time.Hour

// otherBrowser tells the person whose browser did not begin this login where
// to go on. CM is not asked, and no lease is taken.
func (s *screens) otherBrowser(w http.ResponseWriter, r *http.Request, id string) {
	if storage.IsID(id) && (r.Method == http.MethodPost || s.proofs.shape == ReturnQuery) {
		edge.EventOf(r.Context()).FoundAt(s.issuer.At("/itsme/login/" + id)) // without the proof
	}
	label := s.labelOf(r, id, nil)
	s.metrics.step(label.Client, StepStranger)
	edge.Show(w, r, http.StatusForbidden, label.page(r, pages.OtherBrowser))
}

// labelled is a page that knows no more of a login than its label.
func (s *screens) labelled(r *http.Request, id string, kind pages.Kind) pages.Page {
	label := s.labelOf(r, id, nil)
	return label.page(r, kind)
}

func (l *Label) page(r *http.Request, kind pages.Kind) pages.Page {
	return pages.Page{
		Kind: kind, Locale: l.Locale, Client: l.Client, App: l.Name, Home: l.Home, Reference: edge.EventOf(r.Context()).Reference,
		Trace: edge.EventOf(r.Context()).Trace(),
	}
}

// labelOf is what may be told about a login to anybody. This browser may know it,
// or else the store, unless that is what has just failed; of a login that neither
// knows it is what all clients have in common: see [client.Registry.Home].
func (s *screens) labelOf(r *http.Request, id string, failed error) Label {
	step, stepped := s.trails.step(r, id)
	if client, registered := s.clients.Find(step.Client); stepped && registered {
		return labelFor(&client.Terms, step.Locale)
	}
	plain := func() Label {
		app, locale := s.clients.Home(nil)
		if stepped {
			locale = step.Locale
		}
		return Label{Client: app.ID, Name: app.Name, Home: app.Home, Locale: pages.Locale(locale, r.Header.Get("Accept-Language"))}
	}
	if !storage.IsID(id) || errors.Is(failed, storage.ErrUnavailable) {
		return plain()
	}
	ctx, cancel := context.WithTimeout(r.Context(), labelPatience)
	defer cancel()
	label, ok, err := s.labels.Get(ctx, storage.HandleOf(id, ""))
	if err != nil {
		edge.EventOf(r.Context()).Add(slog.String("label", err.Error())) // the page can do without
	}
	if !ok {
		return plain()
	}
	return label
}

// labelPatience is how long a page waits for the store to tell whose login it is about.
const labelPatience = time.Second

// withHome lets the page of an error lead back to the application.
func (s *screens) withHome(r *http.Request, id string, err error) *oauth.Error {
	label := s.labelOf(r, id, err)
	return oauth.ToPerson(err, label.app(), label.Locale)
}

// keptFor is withHome where CM was not asked, or gave no identity: what the person
// may have approved there can still be fetched.
func (s *screens) keptFor(r *http.Request, id string, err error) *oauth.Error {
	e := s.withHome(r, id, err)
	e.Kept = true
	return e
}

// onceMore lets the page of an error offer the same form again.
func (s *screens) onceMore(r *http.Request, path string, h storage.Handle, attempt int, err error) *oauth.Error {
	e := s.withHome(r, h.ID(), err)
	e.Form = s.proofs.form(path, h, attempt)
	return e
}
