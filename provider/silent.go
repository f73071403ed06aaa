package provider

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"itsme-bridge/storage"
)

// silently answers an authorization request by the browser's session, if that
// serves it. Neither the person nor CM is asked anything, and a grant is all that
// is left in Redis. A request that could not start a transaction, since no
// person's navigation is behind it, is not answered so either.
func (p *Provider) silently(w http.ResponseWriter, r *http.Request, a *asking) (done bool, err error) {
	h, ok := p.sessionOf(r)
	if !ok {
		return false, nil
	}
	if _, refused := p.config.Start.mayStart(r.Header); refused != nil {
		return false, nil //nolint:nilerr // whoever asked for a transaction next is told
	}
	for {
		s, err := p.stayOf(r.Context(), h)
		if err != nil {
			return true, a.back(err)
		}
		if !p.serves(s, a) {
			return false, nil
		}
		joined, err := p.join(r.Context(), s, Served{a.client.ID, p.subjectOf(&s.session.Value, a)})
		if err != nil {
			return true, a.back(err)
		}
		if joined {
			return true, p.answerSilently(w, r, a, s)
		}
	}
}

// condition is something that must be so for a session to serve a request.
type condition struct {
	name string
	met  func(p *Provider, s *BrowserSession, a *asking) bool
}

// conditions are all of them (OpenID Connect Core §3.1.2.1, §3.1.2.3). Where one
// is not met the person approves in the app, or with prompt=none is told of.
func conditions() []condition {
	return []condition{
		{"the client is the one that made it, or it is shared", func(p *Provider, s *BrowserSession, a *asking) bool {
			return p.config.Session.Share || s.ClientID == a.client.ID
		}},
		{"CM knows both clients by the same merchant token, so that the userId is the same", func(p *Provider, s *BrowserSession, a *asking) bool {
			made, registered := p.client(s.ClientID)
			return registered && made.MerchantToken == a.client.MerchantToken
		}},
		{"the approval still counts", func(p *Provider, s *BrowserSession, a *asking) bool {
			return !p.revoked(s.ClientID, s.AuthTime) && !p.revoked(a.client.ID, s.AuthTime)
		}},
		{"nobody shall be asked", func(_ *Provider, _ *BrowserSession, a *asking) bool {
			return !slices.ContainsFunc([]string{"login", "consent", "select_account", "create"}, a.prompted)
		}},
		{"nobody shall register", func(_ *Provider, _ *BrowserSession, a *asking) bool {
			return a.request.Service == a.client.Service
		}},
		{"max_age", func(p *Provider, s *BrowserSession, a *asking) bool {
			return a.maxAge < 0 || a.maxAge > 0 && p.now().Sub(s.AuthTime) <= a.maxAge
		}},
		{"the data is there", func(_ *Provider, s *BrowserSession, a *asking) bool {
			return !slices.ContainsFunc(a.request.claims(&a.client.Terms), func(name string) bool {
				return !slices.Contains(s.Granted, name)
			})
		}},
		{"the person is the one who is asked for", func(p *Provider, s *BrowserSession, a *asking) bool {
			return a.request.Subject == "" || a.request.Subject == p.subjectOf(s, a)
		}},
		{"the phone is not another one than hinted at", func(_ *Provider, s *BrowserSession, a *asking) bool {
			return a.request.PhoneNumber == "" || s.Attributes["phone_number"] == "" || a.request.PhoneNumber == s.Attributes["phone_number"]
		}},
	}
}

// serves reports whether a session is enough for a request.
func (p *Provider) serves(s *stay, a *asking) bool {
	return s.alive(p.now()) && !slices.ContainsFunc(conditions(), func(c condition) bool {
		return !c.met(p, &s.session.Value, a)
	})
}

// subjectOf is the session's person as the request's client knows them.
func (p *Provider) subjectOf(s *BrowserSession, a *asking) string {
	return subjectOf(p.config.Salt, &a.client.Terms, s.UserID)
}

// answerSilently gives out a code, or what else was asked for, with the same sub
// and the same auth_time every time.
func (p *Provider) answerSilently(w http.ResponseWriter, r *http.Request, a *asking, s *stay) error {
	ctx, cancel := context.WithTimeout(r.Context(), p.config.WriteBudget)
	defer cancel()
	session := &s.session.Value
	grant, err := p.grantFor(&a.client.Terms, &a.request, session.person(), session.AuthTime)
	if err != nil {
		return a.back(err)
	}
	grant.SID = session.SID
	if ok, err := p.useUp(ctx, a.source.Pushed); err != nil || !ok {
		return a.unspent(err)
	}
	code := storage.NewHandle()
	outcome := &Outcome{At: p.now(), Code: code.Text()}
	if a.request.wantsCode() {
		if err := p.grants.Put(ctx, code, *grant, p.config.Code); err != nil {
			return a.back(broken(err))
		}
	}
	if a.request.wantsIDToken() {
		if err := p.accompany(ctx, outcome, &a.request, grant); err != nil {
			return a.back(err)
		}
	}
	event(ctx).Add(slog.Bool("by_session", true))
	p.metrics.login(a.client.ID, "session")
	p.respond(w, r, &a.request, outcome)
	return nil
}
