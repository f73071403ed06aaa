package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// comeBack is where itsme leads the browser. The two halves of the login, the
// cookie and the proof, are checked before anybody is asked anything.
func (p *Provider) comeBack(w http.ResponseWriter, r *http.Request) error {
	back, ok := p.homecomingOf(r)
	switch {
	case !ok && p.config.ReturnShape == ReturnFixed:
		return p.comeBackByCookie(w, r)
	case !ok:
		return badRequest("This return URL is not complete.")
	}
	h, known := p.loginOf(r, back.login)
	if !known || !p.proves(back.proof, h, back.attempt) {
		event(r.Context()).Add(slog.Bool("cookie", known), slog.Bool("proof", false))
		p.otherBrowser(w, r, back.login)
		return nil
	}
	v, err := p.visit(r.Context(), h)
	if err != nil {
		return p.withHome(r, h.ID(), err)
	}
	if back.attempt != v.login.Value.Attempt.Number {
		return p.present(w, r, v)
	}
	return p.receive(w, r, v)
}

// receive goes on with a browser that has both halves.
func (p *Provider) receive(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !v.asks() || !v.lease.Held() {
		return p.present(w, r, v)
	}
	if v.left() < p.config.Upstream+p.config.WriteBudget {
		// Redis was slow. What CM gives out now might come too late to be kept.
		p.release(r.Context(), v)
		p.waiting(w, r, v.handle, &v.login.Value, time.Second)
		return nil
	}
	return p.collect(w, r, v)
}

// comeBackByCookie is for insecure_fixed_return_url: the cookie alone must do.
// Of several logins it is the newest that waits for word from CM.
func (p *Provider) comeBackByCookie(w http.ResponseWriter, r *http.Request) error {
	open := p.loginCookies(r)
	for i := len(open) - 1; i >= 0; i-- {
		v, err := p.visit(r.Context(), open[i].handle)
		if err != nil {
			return p.withHome(r, open[i].handle.ID(), err)
		}
		if v.asks() || i == 0 || v.login.OK && v.login.Value.Outcome != nil {
			return p.receive(w, r, v)
		}
		p.release(r.Context(), v)
	}
	p.otherBrowser(w, r, "")
	return nil
}

// otherBrowser tells the person whose browser did not begin this login where
// to go on. CM is not asked, and no lease is taken.
func (p *Provider) otherBrowser(w http.ResponseWriter, r *http.Request, id string) {
	label := p.labelOf(r, id)
	pages.Write(w, http.StatusForbidden, pages.Page{
		Kind: pages.OtherBrowser, Locale: label.Locale, App: label.Name, Home: label.Home,
	})
}

// labelOf is what may be told about a login to anybody; of one that left no
// label, or where the store does not answer, only the browser's language.
func (p *Provider) labelOf(r *http.Request, id string) Label {
	plain := Label{Locale: pages.Locale(r.Header.Get("Accept-Language"))}
	if !validID(id) {
		return plain
	}
	label, ok, err := p.labels.Get(r.Context(), storage.HandleOf(id, ""))
	if err != nil {
		event(r.Context()).Add(slog.String("label", err.Error())) // the page can do without
	}
	if !ok {
		return plain
	}
	return label
}

// withHome lets the page of an error lead back to the application.
func (p *Provider) withHome(r *http.Request, id string, err error) error {
	e := *worldly(err)
	label := p.labelOf(r, id)
	e.terms, e.tongue = &Terms{Name: label.Name, Home: label.Home}, label.Locale
	return &e
}

// collect asks CM, once, and writes what it says before anybody is told.
//
// From here on the browser may hang up and the process may be told to stop: the
// work goes on under a deadline of its own, within the lease, and the drain
// waits for it.
func (p *Provider) collect(w http.ResponseWriter, r *http.Request, v *visit) error {
	p.fetching.Add(1)
	defer p.fetching.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), v.left())
	defer cancel()

	result, err := itsme.Result{Status: itsme.Expired}, error(nil)
	if !v.login.Value.Attempt.over(p.now()) {
		result, err = p.fetch(ctx, v.transaction.Value.Token)
	}
	switch {
	case errors.Is(err, itsme.ErrRefused):
		p.alert(ctx, &v.login.Value, err)
	case err != nil:
		event(ctx).Add(slog.String("upstream_error", err.Error()))
	}
	for {
		verdict, err := p.judge(v.handle, &v.login.Value, result, err)
		if err != nil {
			return err
		}
		written, err := p.store.Commit(ctx, p.writesOf(v, &verdict)...)
		if err != nil {
			return p.withHome(r, v.handle.ID(), lost(err, verdict.grant != nil))
		}
		if written {
			p.metrics.login(verdict.login.Terms.ID, string(verdict.said))
			p.consume(ctx, &verdict.login)
			return p.tell(w, r, v.handle, &verdict)
		}
		// Somebody else has written: the person has left, or the lease was lost. An
		// identity in our hands is worth more than another page: judge again by
		// what is there now. Anything else is not.
		if v, err = p.look(ctx, v.handle); err != nil {
			return p.withHome(r, v.handle.ID(), lost(err, verdict.grant != nil))
		}
		if !v.login.OK || v.login.Value.Outcome != nil || verdict.grant == nil {
			return p.present(w, r, v)
		}
	}
}

// lost is an answer of CM that Redis did not take before the lease ended. If it
// was an identity, it is gone: this is the one place where that can happen.
func lost(err error, identity bool) error {
	if !identity {
		return broken(err)
	}
	return fail(http.StatusServiceUnavailable, temporarilyUnavailable,
		"The login could not be kept. Try again.").because(fmt.Errorf("an identity was lost: %w", err))
}

// fetch is the one status request, measured.
func (p *Provider) fetch(ctx context.Context, transactionToken string) (itsme.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.Upstream)
	defer cancel()
	began := p.now()
	result, err := p.upstream.Status(ctx, transactionToken)
	p.metrics.upstream("status", resultOf(err), p.now().Sub(began))
	if err == nil {
		event(ctx).Add(slog.String("cm_status", string(result.Status)))
		if result.Raw != "" && result.Raw != string(result.Status) {
			event(ctx).Add(slog.String("cm_status_raw", result.Raw))
		}
	}
	return result, err
}
