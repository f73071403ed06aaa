package login_test

import (
	"errors"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/login"
)

// What CM's answer means for a login, for the metric, and for whoever asks next.
func TestWhatCMsAnswerMeans(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	success := itsme.Result{Status: itsme.Success, Identity: itsme.Identity{UserID: "QC1J"}}
	open := itsme.Result{Status: itsme.Open}
	for _, row := range []struct {
		name   string
		change func(*login.Login)
		result itsme.Result
		err    error

		state  login.State
		said   login.State
		silent bool
		pause  time.Duration
		polls  int
	}{
		{name: "approved", result: success, state: login.Waiting, said: login.Success},
		{name: "approved after a silence", change: func(l *login.Login) { l.Attempt.Silent = true }, result: success, state: login.Waiting, said: login.Success},
		{name: "approved by nobody", result: itsme.Result{Status: itsme.Success}, state: login.NoData, said: login.NoData},
		{name: "approved, and fetched before", err: itsme.ErrTaken, state: login.NoData, said: login.NoData},
		{name: "open, the first time", result: open, state: login.Waiting, said: login.Waiting, pause: time.Second, polls: 1},
		{name: "open, the third time", change: func(l *login.Login) { l.Attempt.Polls = 2 }, result: open, state: login.Waiting, said: login.Waiting, pause: 3 * time.Second, polls: 3},
		{name: "open, the tenth time", change: func(l *login.Login) { l.Attempt.Polls = 9 }, result: open, state: login.Waiting, said: login.Waiting, pause: 5 * time.Second, polls: 10},
		{name: "open for longer than a minute", change: func(l *login.Login) { l.Attempt.Until = now.Add(-1) }, result: open, state: login.Expired, said: login.Expired},
		{name: "open beyond the deadline", change: func(l *login.Login) { l.Expires = now.Add(-1) }, result: open, state: login.Expired, said: login.Expired},
		{name: "cancelled", result: itsme.Result{Status: itsme.Cancelled}, state: login.Cancelled, said: login.Cancelled},
		{name: "expired", result: itsme.Result{Status: itsme.Expired}, state: login.Expired, said: login.Expired},
		{name: "failed", result: itsme.Result{Status: itsme.Failure}, state: login.Failed, said: login.Failed},
		{name: "a word that nobody knows", result: itsme.Result{Status: "perhaps"}, state: login.Failed, said: login.Failed},
		{name: "refused", err: itsme.ErrRefused, state: login.Refused, said: login.Refused},
		{name: "no answer", err: errors.New("no answer"), state: login.Waiting, said: login.Unavailable, silent: true, pause: time.Second},
	} {
		for _, atOnce := range []bool{false, true} {
			l := login.Login{Expires: now.Add(4 * time.Minute), Attempt: login.Attempt{Number: 1, State: login.Waiting}}
			l.Terms.RedirectFailures = atOnce
			if row.change != nil {
				row.change(&l)
			}
			got := login.Judge(l, row.result, row.err, now)
			attempt := got.Login.Attempt
			if attempt.State != row.state || got.Said != row.said || got.Pause != row.pause || attempt.Silent != row.silent || attempt.Polls != row.polls {
				t.Errorf("%s: %+v, said %s, pause %s", row.name, attempt, got.Said, got.Pause)
			}
			concluded := atOnce && row.said != login.Success && row.said != login.Waiting
			if (got.Login.Outcome != nil) != concluded {
				t.Errorf("%s, on_failure: redirect %t: the outcome is %+v", row.name, atOnce, got.Login.Outcome)
				continue
			}
			if concluded && (got.Login.Outcome.Code != "" || got.Login.Outcome.Error == "" || !got.Login.Outcome.At.Equal(now)) {
				t.Errorf("%s: the outcome is %+v", row.name, got.Login.Outcome)
			}
		}
	}
}
