package login

import (
	"context"
	"net/http"

	"itsme-bridge/storage"
)

// unstart takes back what a start has counted that CM was not asked for: against the
// ceilings, in the ledger, and of the pushed request.
func (l *Logins) unstart(ctx context.Context, pushed string, s Start) {
	l.pushes.Unspend(ctx, pushed, s.note.ID, s.note.Attempt == 1)
	if !l.ceilings.Unasked(ctx, s.counted(), l.ledger.TakesBack(s.note)) {
		l.ledger.TakeBack(ctx, s.note)
	}
}

// spare gives the lease back of a visit that CM was not asked for. The time that this
// takes is not the person's: an attempt that ends a minute after their return lasts longer.
func (v *visit) spare(ctx context.Context) {
	login := v.login.Value
	if login.extend(v.visits.now()) {
		written, err := v.rewrite(context.WithoutCancel(ctx), login)
		if err != nil {
			v.abandon(ctx)
			return
		}
		if written {
			v.login.Value = login
			return
		}
	}
	v.release(ctx)
}

// away is the page of a CM that was not asked for another attempt. Nothing has changed, so
// the same click can be made again.
func (s *screens) away(w http.ResponseWriter, r *http.Request, h storage.Handle, l Login) {
	l.Attempt.State = Unavailable
	s.stopped(w, r, h, &l)
}
