package login

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/breaker"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
)

// later answers a person for whom CM was not asked. The login waits as before, and what
// they may have approved is still at CM: the page says so, and looks again by itself.
func (l *Logins) later(w http.ResponseWriter, r *http.Request, v *visit, why *breaker.RefusalError) error {
	edge.EventOf(r.Context()).Add(slog.String("upstream_unasked", string(why.Reason)))
	login := v.login.Value
	if login.spare(l.now()) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), l.visits.writeBudget)
		defer cancel()
		written, err := l.visits.store.Commit(ctx, v.replace(login))
		if err != nil {
			return l.screens.keptFor(r, v.handle.ID(), oauth.Broken(err))
		}
		if !written { // the person has asked for more time, or has left
			login = v.login.Value
		}
	}
	l.screens.waitingFor(w, r, v.handle, &login, againIn(why), why.Reason == breaker.Down)
	return nil
}

// spare gives an attempt more time that would end soon because its browser has come back
// long ago: the time in which CM does not answer is not the person's. It is false where
// there is nothing to give.
func (l *Login) spare(now time.Time) bool {
	return l.Attempt.Until.Sub(now) < patienceAfterReturn/2 && l.extend(now)
}
