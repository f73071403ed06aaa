package provider

import (
	"errors"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/storage"
)

// verdict is what CM's answer means for a login: how the login is to be
// written, and what the person is to be told.
type verdict struct {
	login   Login
	code    storage.Handle  // of grant
	grant   *Grant          // nil unless somebody is known now
	session *BrowserSession // nil unless somebody is known now, and there are sessions
	said    State           // for the metric; "success" where grant is set
	pause   time.Duration   // before anybody may ask CM again about this attempt
}

const success State = "success"

// tombstone is how long a finished login answers the same browser in the same way.
const tombstone = 2 * time.Minute

// patienceAfterReturn is how long an attempt may still succeed once the browser
// has come back and CM still says open.
const patienceAfterReturn = time.Minute

// judge decides what CM's answer means. It is the table of the design, and
// depends on nothing but its arguments and the configuration.
func (p *Provider) judge(h storage.Handle, l *Login, result itsme.Result, err error) (verdict, error) {
	v := verdict{login: *l}
	v.login.Attempt.Silent = false
	now := p.now()
	switch {
	case errors.Is(err, itsme.ErrTaken) || err == nil && result.Status == itsme.Success && result.Identity.UserID == "":
		v.login.Attempt.State = NoData
	case errors.Is(err, itsme.ErrRefused):
		v.login.Attempt.State = Refused
	case err != nil: // the attempt stands: the same may be asked again
		v.login.Attempt.Silent, v.pause = true, time.Second
	case result.Status == itsme.Success:
		err = p.accept(&v, h, &result.Identity)
		return v, err
	case result.Status == itsme.Open:
		v.wait(now)
	case result.Status == itsme.Cancelled:
		v.login.Attempt.State = Cancelled
	case result.Status == itsme.Expired:
		v.login.Attempt.State = Expired
	default:
		v.login.Attempt.State = Failed
	}
	v.said = v.login.Attempt.seen()
	if v.said != Waiting {
		v.login.conclude(now)
	}
	return v, nil
}

// over reports whether the attempt's time is up: a person who came back while
// it was open, and approves much later, has approved for somebody who waits.
func (a Attempt) over(now time.Time) bool {
	const slack = 5 * time.Second // the longest pause between two looks
	return !a.Until.IsZero() && now.After(a.Until.Add(slack))
}

// wait counts one more "open" after the browser had come back.
func (v *verdict) wait(now time.Time) {
	attempt := &v.login.Attempt
	if attempt.Until.IsZero() {
		attempt.Until = now.Add(patienceAfterReturn)
	}
	if now.After(attempt.Until) || now.After(v.login.Expires) {
		attempt.State = Expired
		return
	}
	backoff := [...]time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second}
	v.pause = backoff[min(attempt.Polls, len(backoff)-1)]
	attempt.Polls++
}

// accept turns the identity into a grant, if it is that of the person who was asked for.
func (p *Provider) accept(v *verdict, h storage.Handle, i *itsme.Identity) error {
	l, now := &v.login, p.now()
	subject := subjectOf(p.config.Salt, &l.Terms, i.UserID)
	if l.Request.Subject != "" && l.Request.Subject != subject {
		v.said = Stranger
		l.Outcome = &Outcome{At: now, Error: loginRequired, Description: "Another person than the requested one approved the login."}
		return nil
	}
	grant, err := p.grantFor(&l.Terms, &l.Request, i, now.Truncate(time.Second))
	if err != nil {
		return err
	}
	v.said, v.grant = success, grant
	v.code = storage.NewSecret(h.ID())
	l.Outcome = &Outcome{At: now, Code: v.code.Text()}
	p.remember(v, h, i)
	return nil
}

// writesOf is what a verdict changes in Redis: all of it, or nothing.
func (p *Provider) writesOf(v *visit, d *verdict) []storage.Write {
	writes := []storage.Write{
		v.lease.Release(d.pause),
		p.logins.Replace(v.handle, v.login, d.login, d.login.life(p.now())),
	}
	if d.grant != nil {
		writes = append(writes, p.grants.Set(d.code, *d.grant, p.config.Code))
		writes = append(writes, p.sessionWrites(d)...)
	}
	if d.login.Attempt.State != Waiting || d.login.Outcome != nil {
		writes = append(writes, p.transactions.Drop(v.handle.ID()))
	}
	return writes
}

// conclude ends a login whose attempt has failed, where the client wants to hear
// of failures at once. It hears what happened, and not what makes Keycloak begin
// again by itself: without a person's click that might go on for ever.
func (l *Login) conclude(now time.Time) {
	if l.Terms.RedirectFailures {
		l.Outcome = l.failure()
		l.Outcome.At = now
	}
}

// tell answers the person whose request brought the verdict.
func (p *Provider) tell(w http.ResponseWriter, r *http.Request, h storage.Handle, d *verdict) error {
	switch {
	case d.login.Outcome != nil:
		p.supersede(r, d)
		return p.deliver(w, r, h, &d.login, d.grant)
	case d.login.Attempt.seen() == Unavailable:
		p.unanswered(w, r, h, &d.login)
	case d.login.Attempt.State == Waiting:
		p.waiting(w, r, h, &d.login, d.pause)
	default:
		p.stopped(w, r, h, &d.login)
	}
	return nil
}

// seen is the state as it looks from outside.
func (a Attempt) seen() State {
	if a.State == Waiting && a.Silent {
		return Unavailable
	}
	return a.State
}

// failure is what the client is told of a login that ends with its attempt as it is.
func (l *Login) failure() *Outcome {
	switch l.Attempt.seen() {
	case Cancelled:
		return &Outcome{Error: accessDenied, Description: "The person cancelled the login."}
	case Expired:
		return &Outcome{Error: accessDenied, Description: "The login was not approved in time."}
	case Unavailable:
		return &Outcome{Error: temporarilyUnavailable, Description: "itsme cannot be reached just now."}
	case NoData:
		return &Outcome{Error: serverError, Description: "itsme confirmed the login but gave no identity."}
	case Refused:
		return &Outcome{Error: serverError, Description: "itsme refused the request."}
	case Waiting:
		return &Outcome{Error: accessDenied, Description: "The person left before approving the login."}
	default:
		return &Outcome{Error: accessDenied, Description: "The login was not approved."}
	}
}
