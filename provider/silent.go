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
func (e *AuthorizeEndpoints) silently(w http.ResponseWriter, r *http.Request, a *Asking) (done bool, err error) {
	h, ok := e.sessions.of(r)
	if !ok {
		return false, nil
	}
	if _, refused := e.config.Start.mayStart(r.Header); refused != nil {
		return false, nil //nolint:nilerr // whoever asked for a transaction next is told
	}
	for {
		s, err := e.sessions.look(r.Context(), h)
		if err != nil {
			return true, a.toClient(err)
		}
		if !e.serves(s, a) {
			return false, nil
		}
		joined, err := e.sessions.join(r.Context(), s, Served{ClientID: a.client.ID, Subject: e.subjectOf(s.Session(), a)})
		if err != nil {
			return true, a.toClient(err)
		}
		if joined {
			return true, e.answerSilently(w, r, a, s)
		}
	}
}

// condition is something that must be so for a session to serve a request.
type condition struct {
	name string
	met  func(*BrowserSession, *Asking) bool
}

// conditions are all of them (OpenID Connect Core §3.1.2.1, §3.1.2.3). Where one
// is not met the person approves in the app, or with prompt=none is told of.
func (e *AuthorizeEndpoints) conditions() []condition {
	return []condition{
		{"the client is the one that made it, or it is shared", func(s *BrowserSession, a *Asking) bool {
			return e.sessions.shared() || s.ClientID == a.client.ID
		}},
		{"CM knows both clients by the same merchant token, so that the userId is the same", func(s *BrowserSession, a *Asking) bool {
			made, registered := e.clients.find(s.ClientID)
			return registered && made.MerchantToken == a.client.MerchantToken
		}},
		{"the approval still counts", func(s *BrowserSession, a *Asking) bool {
			return !e.notBefore.revoked(s.ClientID, s.AuthTime) && !e.notBefore.revoked(a.client.ID, s.AuthTime)
		}},
		{"nobody shall be asked", func(_ *BrowserSession, a *Asking) bool {
			return !slices.ContainsFunc([]string{"login", "consent", "select_account", "create"}, a.prompted)
		}},
		{"nobody shall register", func(_ *BrowserSession, a *Asking) bool {
			return a.request.Service == a.client.Service
		}},
		{"max_age", func(s *BrowserSession, a *Asking) bool {
			return a.maxAge < 0 || a.maxAge > 0 && e.now().Sub(s.AuthTime) <= a.maxAge
		}},
		{"the data is there", func(s *BrowserSession, a *Asking) bool {
			return !slices.ContainsFunc(a.request.claims(&a.client.Terms), func(name string) bool {
				return !slices.Contains(s.Granted, name)
			})
		}},
		{"the person is the one who is asked for", func(s *BrowserSession, a *Asking) bool {
			return a.request.Subject == "" || a.request.Subject == e.subjectOf(s, a)
		}},
		{"the phone is not another one than hinted at", func(s *BrowserSession, a *Asking) bool {
			return a.request.PhoneNumber == "" || s.Attributes["phone_number"] == "" || a.request.PhoneNumber == s.Attributes["phone_number"]
		}},
	}
}

// serves reports whether a session is enough for a request.
func (e *AuthorizeEndpoints) serves(s *Stay, a *Asking) bool {
	return s.alive(e.now()) && !slices.ContainsFunc(e.conditions(), func(c condition) bool {
		return !c.met(s.Session(), a)
	})
}

// subjectOf is the session's person as the request's client knows them.
func (e *AuthorizeEndpoints) subjectOf(s *BrowserSession, a *Asking) string {
	return subjectOf(e.config.Salt, &a.client.Terms, s.UserID)
}

// answerSilently gives out a code, or what else was asked for, with the same sub
// and the same auth_time every time.
func (e *AuthorizeEndpoints) answerSilently(w http.ResponseWriter, r *http.Request, a *Asking, s *Stay) error {
	ctx, cancel := context.WithTimeout(r.Context(), e.config.WriteBudget)
	defer cancel()
	session, now := s.Session(), e.now()
	grant, err := a.request.grant(&a.client.Terms, session.person(), e.subjectOf(session, a), session.AuthTime, now.Add(e.config.Code))
	if err != nil {
		return a.toClient(err)
	}
	grant.SID = session.SID
	if ok, err := e.pushes.useUp(ctx, a.source.Pushed); err != nil || !ok {
		return a.toPerson(unspent(err))
	}
	var answer Answer
	if a.request.wantsCode() {
		code := storage.NewHandle()
		if err := e.grants.Put(ctx, code, *grant, e.config.Code); err != nil {
			return a.toClient(broken(err))
		}
		answer.Code = code.Text()
	}
	if a.request.wantsIDToken() {
		if answer, err = e.idTokens.answer(ctx, grant, answer.Code, e.now()); err != nil {
			return a.toClient(err)
		}
	}
	event(ctx).Add(slog.Bool("by_session", true))
	e.metrics.login(a.client.ID, "session")
	e.issuer.respond(w, r, &a.request.Back, &answer)
	return nil
}
