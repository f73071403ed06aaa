package login

import (
	"errors"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/claims"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// verdict is what CM's answer means for a login: how the login is to be
// written, and what the person is to be told.
type verdict struct {
	login Login
	said  State         // for the metric; "success" where somebody has approved
	pause time.Duration // before anybody may ask CM again about this attempt
	note  ledger.Note   // of it

	// What an approval leaves behind, where it is that of the person who was asked for.
	grant   *grant.Grant
	code    storage.Handle  // of grant
	session []storage.Write // that keep the session, where there are sessions
}

const success State = "success"

// patienceAfterReturn is how long an attempt may still succeed once the browser
// has come back and CM still says open.
const patienceAfterReturn = time.Minute

// judge decides what CM's answer means. It is one table, and depends on
// nothing but its arguments. Where somebody has approved, it is left
// to [Logins.accept] what that is worth.
func judge(l *Login, result itsme.Result, err error, now time.Time) verdict {
	v := verdict{login: *l}
	v.login.Attempt.Silent = false
	switch {
	case errors.Is(err, itsme.ErrTaken) || err == nil && result.Status == itsme.Success && result.Identity.UserID == "":
		v.login.Attempt.State = NoData
	case errors.Is(err, itsme.ErrRefused):
		v.login.Attempt.State = Refused
	case err != nil: // the attempt stands: the same may be asked again
		v.login.Attempt.Silent, v.pause = true, time.Second
	case result.Status == itsme.Success:
		v.said = success
		return v
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
	return v
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

// decide is what CM's answer means for a visit, and what an approval is worth:
// never the one without the other, or an identity would be lost.
func (l *Logins) decide(v *visit, result itsme.Result, err error) (*verdict, error) {
	d := judge(&v.login.Value, result, err, l.now())
	if d.said != success {
		return &d, nil
	}
	err = l.accept(&d, v.handle, &result.Identity)
	return &d, err
}

// accept turns the identity of an approval into a grant, if it is that of the
// person who was asked for.
func (l *Logins) accept(v *verdict, h storage.Handle, i *itsme.Identity) error {
	login, now := &v.login, l.now()
	subject := claims.Subject(l.salt, &login.Terms, i.UserID)
	if login.Request.Subject != "" && login.Request.Subject != subject {
		v.said = Stranger
		login.Outcome = &Outcome{At: now, Error: oauth.LoginRequired, Description: "Another person than the requested one approved the login."}
		return nil
	}
	grant, err := login.Request.Grant(&login.Terms, i, subject, now.Truncate(time.Second), now.Add(l.visits.code))
	if err != nil {
		return err
	}
	v.grant, v.code = grant, storage.NewSecret(h.ID())
	login.Outcome = &Outcome{At: now, Code: v.code.Text()}
	if l.sessions.There() {
		granted := login.Request.Claims(&login.Terms)
		made, stay := l.sessions.Make(h.ID(), login.Terms.ID, i, granted, grant.AuthTime, now)
		grant.SID, grant.Session = l.sessions.SIDFor(made, login.Terms.ID, login.Request.SID)
		login.Outcome.Session = stay.Text()
		v.session = l.sessions.Writes(stay, made, subject)
	}
	return nil
}
