package login

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/breaker"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// patience is how long a person waits for an answer of CM before the waiting page
// does it for them.
const patience = 1500 * time.Millisecond

// decided is what has become of a login that CM was asked about. Without a
// verdict, somebody else has decided: the visit is what they made of it.
type decided struct {
	visit   *visit
	verdict *verdict
	unasked *breaker.RefusalError // CM was not asked: all is as it was
}

// fetch asks CM, once, and writes what it says before anybody is told. CM gives
// an identity once, so neither the browser nor an order to stop ends this: it goes
// on as long as CM may still answer, keeps its lease meanwhile, and the drain
// waits for it.
func (l *Logins) fetch(ctx context.Context, v *visit) (decided, error) {
	result, asked := l.ask(ctx, v)
	if refusal, is := unasked(asked); is {
		v.spare(ctx)
		return decided{visit: v, unasked: refusal}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, max(v.left(), l.visits.writeBudget))
	defer cancel()
	for {
		d, err := l.decide(v, result, asked)
		if err != nil {
			v.abandon(ctx)
			return decided{}, err
		}
		d.login.Attempt.Untold = d.login.Attempt.Silent && (v.watched || edge.EventOf(ctx).Answered())
		d.note = l.note(v.handle, &d.login)
		d.note.Word, d.note.Over = d.word(&v.login.Value), d.login.Outcome != nil
		written, err := v.settle(ctx, d)
		if err != nil {
			v.abandon(ctx)
			return decided{}, lost(err, d)
		}
		if written {
			l.judged(ctx, v.handle, d)
			l.consume(ctx, &d.login)
			return decided{visit: v, verdict: d}, nil
		}
		// Somebody else has written: the person has left, or has asked for more time,
		// or the lease was lost. Or Redis has lost its memory. An identity in our hands
		// is worth more than another page: judge again by what is there now, or by what
		// we know where nothing is. Anything else is judged again only where the same
		// attempt still waits.
		held := v.login
		err = v.again(ctx)
		for err != nil && d.grant != nil && pause(ctx) {
			err = v.again(ctx)
		}
		switch {
		case err != nil:
			v.abandon(ctx)
			return decided{}, lost(err, d)
		case d.grant == nil && !v.stillAsks(held.Value.Attempt.Number), v.login.Value.Outcome != nil, v.spent(), !v.login.OK && v.forgotten:
			v.release(ctx) // whoever asked may have been answered, and nothing is left to do
			return decided{visit: v}, nil
		case !v.login.OK:
			v.login, v.forgotten = held, true
		default:
			v.forgotten = false
		}
	}
}

// pause waits a little, unless the time is over.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(100 * time.Millisecond):
		return true
	}
}

// ask asks CM, and keeps the lease until CM has answered.
func (l *Logins) ask(ctx context.Context, v *visit) (itsme.Result, error) {
	stop := v.keep(ctx)
	defer stop()
	return l.desk.ask(ctx, v.handle, &v.login.Value, &v.transaction.Value)
}

// lost is an answer of CM that Redis did not take before the lease ended. If it
// was an identity, it is gone: this is the one place where that can happen.
func lost(err error, d *verdict) error {
	if d.grant == nil {
		e := *oauth.Broken(err)
		e.Kept = d.said == Waiting || d.said == Unavailable // CM may still have what the person approves
		return &e
	}
	return oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
		"The login could not be kept. Try again.").Because(fmt.Errorf("an identity was lost: %w", err))
}

// keep renews the lease every now and then, until it is told to stop.
func (v *visit) keep(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(v.visits.lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				v.renew(ctx)
			}
		}
	}()
	return func() { cancel(); <-stopped }
}

// renew lets the lease last anew. Where that fails, the next try or the end of
// the lease decides: what is written under it is compared with what was read.
func (v *visit) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, v.visits.lease/3)
	defer cancel()
	began := v.visits.now()
	if _, err := v.visits.store.Commit(ctx, v.lease.Renew(v.visits.lease)); err == nil {
		v.began = began
	}
}

// rewrite writes a login over what was read, unless somebody else has since.
func (v *visit) rewrite(ctx context.Context, l Login) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, v.visits.writeBudget)
	defer cancel()
	return v.visits.store.Commit(ctx, v.lease.Release(0), v.replace(l))
}

// replace writes a login over what was read, or as it is where Redis has forgotten
// what was read. Its label was forgotten with it.
func (v *visit) replace(l Login) storage.Write {
	was := v.login
	if v.forgotten {
		was = storage.Record[Login]{}
	}
	return v.visits.logins.Replace(v.handle, was, l.kept(), l.life(v.visits.now()))
}
