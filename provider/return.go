package provider

import (
	"context"
	"log/slog"
	"net/http"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/pages"
	"itsme-bridge/storage"
)

// comeBack is where itsme leads the browser. The two halves of the login, the
// cookie and the proof, are checked before anybody is asked anything.
func (p *Provider) comeBack(w http.ResponseWriter, r *http.Request) error {
	h, back, err := p.bothHalves(r)
	if err != nil {
		return err
	}
	if h == (storage.Handle{}) {
		p.otherBrowser(w, r, back.login)
		return nil
	}
	v, err := p.visit(r.Context(), h)
	if err != nil {
		return err
	}
	current := back.attempt == 0 || back.attempt == v.login.Value.Attempt.Number
	if !current || !v.asks() || !v.lease.Held() {
		p.present(w, r, v)
		return nil
	}
	return p.collect(w, r, v)
}

// bothHalves finds the cookie that belongs to the return URL, and checks the
// proof against it. Without both there is no handle, and nothing is fetched.
func (p *Provider) bothHalves(r *http.Request) (storage.Handle, homecoming, error) {
	back, ok := p.homecomingOf(r)
	if !ok && p.config.ReturnShape == ReturnFixed {
		// insecure_fixed_return_url: the cookie alone must do, the newest.
		if open := p.loginCookies(r); len(open) > 0 {
			return open[len(open)-1].handle, homecoming{}, nil
		}
		return storage.Handle{}, homecoming{}, nil
	}
	if !ok {
		return storage.Handle{}, back, badRequest("This return URL is not complete.")
	}
	h, ok := p.loginOf(r, back.login)
	if !ok || !p.proves(back.proof, h, back.attempt) {
		event(r.Context()).Add(slog.Bool("cookie", ok), slog.Bool("proof", false))
		return storage.Handle{}, back, nil
	}
	return h, back, nil
}

// otherBrowser tells the person whose browser did not begin this login where
// to go on. CM is not asked, and no lease is taken.
func (p *Provider) otherBrowser(w http.ResponseWriter, r *http.Request, id string) {
	page := pages.Page{Kind: pages.OtherBrowser, Locale: pages.Locale(r.Header.Get("Accept-Language"))}
	if id != "" {
		label, ok, err := p.labels.Get(r.Context(), storage.HandleOf(id, ""))
		if err != nil {
			event(r.Context()).Add(slog.String("label", err.Error())) // the page can do without
		}
		if ok {
			page.App, page.Home, page.Locale = label.Name, label.Home, label.Locale
		}
	}
	pages.Write(w, http.StatusForbidden, page)
}

// collect asks CM, once, and writes what it says before anybody is told.
//
// From here on the browser may hang up and the process may be told to stop: the
// work goes on under a deadline of its own, within the lease, and the drain
// waits for it.
func (p *Provider) collect(w http.ResponseWriter, r *http.Request, v *visit) error {
	p.fetching.Add(1)
	defer p.fetching.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), p.config.Lease-p.now().Sub(v.began))
	defer cancel()

	result, err := p.fetch(ctx, v.transaction.Value.Token)
	if err != nil {
		event(ctx).Add(slog.String("upstream_error", err.Error()))
	}
	for {
		verdict, err := p.judge(v.handle, &v.login.Value, result, err)
		if err != nil {
			return err
		}
		written, err := p.store.Commit(ctx, p.writesOf(v, &verdict)...)
		if err != nil {
			return unavailable(err)
		}
		if written {
			p.metrics.login(verdict.login.Terms.ID, string(verdict.said))
			p.tell(w, r, v.handle, &verdict)
			return nil
		}
		// The lease was lost and somebody else has written. An identity in our
		// hands is worth more than what they wrote: judge again by what is there
		// now. Anything else is not.
		if err := p.store.Do(ctx, p.logins.Read(v.handle, &v.login)); err != nil {
			return unavailable(err)
		}
		if !v.login.OK || v.login.Value.Outcome != nil || verdict.grant == nil {
			p.present(w, r, v)
			return nil
		}
	}
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
