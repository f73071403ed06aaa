package authorize

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/provider/request"
	"itsme-bridge/provider/session"
	"itsme-bridge/storage"
)

// silently answers an authorization request by the browser's session, if that
// serves it. Neither the person nor CM is asked anything, and a grant is all that
// is left in Redis. A request that could not start a transaction, since no
// person's navigation is behind it, is not answered so either.
func (e *Endpoints) silently(w http.ResponseWriter, r *http.Request, a *request.Asking) (done bool, err error) {
	h, ok := e.sessions.Of(r)
	if !ok {
		return false, nil
	}
	if _, refused := e.config.Start.mayStart(r.Header); refused != nil {
		return false, nil //nolint:nilerr // whoever asked for a transaction next is told
	}
	for {
		s, err := e.sessions.Look(r.Context(), h)
		if err != nil {
			return true, a.ToClient(err)
		}
		if !e.serves(s, a) {
			return false, nil
		}
		joined, err := e.sessions.Join(r.Context(), s, session.Served{ClientID: a.Client.ID, Subject: e.subjectOf(s.Session(), a)})
		if err != nil {
			return true, a.ToClient(err)
		}
		if joined {
			return true, e.answerSilently(w, r, a, s)
		}
	}
}

// condition is something that must be so for a session to serve a request.
type condition struct {
	name string
	met  func(*session.Session, *request.Asking) bool
}

// conditions are all of them (OpenID Connect Core §3.1.2.1, §3.1.2.3). Where one
// is not met the person approves in the app, or with prompt=none is told of.
func (e *Endpoints) conditions() []condition {
	return []condition{
		{"the client is the one that made it, or it is shared", func(s *session.Session, a *request.Asking) bool {
			return e.sessions.Shared() || s.ClientID == a.Client.ID
		}},
		{"CM knows both clients by the same merchant token, so that the userId is the same", func(s *session.Session, a *request.Asking) bool {
			made, registered := e.clients.Find(s.ClientID)
			return registered && made.MerchantToken == a.Client.MerchantToken
		}},
		{"the approval still counts", func(s *session.Session, a *request.Asking) bool {
			return !e.notBefore.Revoked(s.ClientID, s.AuthTime) && !e.notBefore.Revoked(a.Client.ID, s.AuthTime)
		}},
		{"nobody shall be asked", func(_ *session.Session, a *request.Asking) bool {
			return !slices.ContainsFunc([]string{"login", "consent", "select_account", "create"}, a.Prompted)
		}},
		{"nobody shall register", func(_ *session.Session, a *request.Asking) bool {
			return a.Request.Service == a.Client.Service
		}},
		{"max_age", func(s *session.Session, a *request.Asking) bool {
			return a.MaxAge < 0 || a.MaxAge > 0 && e.now().Sub(s.AuthTime) <= a.MaxAge
		}},
		{"the data is there", func(s *session.Session, a *request.Asking) bool {
			return !slices.ContainsFunc(a.Request.Claims(&a.Client.Terms), func(name string) bool {
				return !slices.Contains(s.Granted, name)
			})
		}},
		{"the person is the one who is asked for", func(s *session.Session, a *request.Asking) bool {
			return a.Request.Subject == "" || a.Request.Subject == e.subjectOf(s, a)
		}},
		{"the phone is not another one than hinted at", func(s *session.Session, a *request.Asking) bool {
			return a.Request.PhoneNumber == "" || s.Attributes["phone_number"] == "" || a.Request.PhoneNumber == s.Attributes["phone_number"]
		}},
	}
}

// serves reports whether a session is enough for a request.
func (e *Endpoints) serves(s *session.Stay, a *request.Asking) bool {
	return s.Alive(e.now()) && !slices.ContainsFunc(e.conditions(), func(c condition) bool {
		return !c.met(s.Session(), a)
	})
}

// subjectOf is the session's person as the request's client knows them.
func (e *Endpoints) subjectOf(s *session.Session, a *request.Asking) string {
	return claims.Subject(e.config.Salt, &a.Client.Terms, s.UserID)
}

// answerSilently gives out a code, or what else was asked for, with the same sub
// and the same auth_time every time.
func (e *Endpoints) answerSilently(w http.ResponseWriter, r *http.Request, a *request.Asking, s *session.Stay) error {
	ctx, cancel := context.WithTimeout(r.Context(), e.config.WriteBudget)
	defer cancel()
	session, now := s.Session(), e.now()
	grant, err := a.Request.Grant(&a.Client.Terms, session.Person(), e.subjectOf(session, a), session.AuthTime, now.Add(e.config.Code))
	if err != nil {
		return a.ToClient(err)
	}
	grant.SID, grant.Session = e.sessions.SIDFor(session, a.Client.ID, a.Request.SID)
	if ok, err := e.pushes.UseUp(ctx, a.Source.Pushed); err != nil || !ok {
		return a.Spent(err)
	}
	var answer oauth.Answer
	code := storage.NewKin(a.Kin)
	edge.EventOf(ctx).OfLogin(code.ID())
	if a.Request.WantsCode() {
		if err := e.grants.Put(ctx, code, *grant, e.config.Code); err != nil {
			return a.ToClient(oauth.Broken(err))
		}
		answer.Code = code.Text()
	}
	if a.Request.WantsIDToken() {
		if answer, err = e.idTokens.Answer(ctx, grant, answer.Code, now); err != nil {
			return a.ToClient(err)
		}
	}
	edge.EventOf(ctx).Add(slog.Bool("by_session", true))
	e.logins.AnsweredBySession(r.Context(), a.Client.ID)
	e.issuer.Respond(w, r, a.Client.App(), &a.Request.Back, &answer)
	return nil
}
