package login

import (
	"context"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/request"
	"itsme-bridge/storage"
)

// Start is a start of a transaction that has been counted: it may now be asked for.
type Start struct{ note ledger.Note }

// counted is what the ceilings are told of it.
func (s Start) counted() ceilings.Start {
	return ceilings.Start{Client: s.note.Client, Login: s.note.ID, At: s.note.At}
}

// becomes is what is said of it once CM was asked.
func (s Start) becomes(w ledger.Word) ledger.Note {
	s.note.Word = w
	return s.note
}

// Count counts the start of a login against the ceilings, and says that its
// transaction is about to be asked for, in one pipeline with whatever else is to be
// read. Whoever then asks for none takes it back: see [Logins.Uncount].
func (l *Logins) Count(ctx context.Context, a *request.Asking, h storage.Handle, more ...storage.Op) (ceilings.Load, Start, error) {
	now := l.now()
	return l.count(ctx, ledger.Note{
		Login:   ledger.Login{Client: a.Client.ID, ID: h.ID(), Began: now, Expires: now.Add(a.Client.Deadline)},
		Attempt: 1, At: now,
	}, more...)
}

// countNext is Count for the next attempt of a login.
func (l *Logins) countNext(ctx context.Context, h storage.Handle, login *Login) (ceilings.Load, Start, error) {
	note := l.note(h, login)
	note.Attempt++
	return l.count(ctx, note)
}

func (l *Logins) count(ctx context.Context, n ledger.Note, more ...storage.Op) (ceilings.Load, Start, error) {
	start := Start{n}
	load, err := l.ceilings.Count(ctx, start.counted(), l.ledger.Asks(n), more...)
	if err != nil {
		l.ledger.TakeBack(ctx, n)
	}
	return load, start, err
}

// Uncount takes a start back that did not happen.
func (l *Logins) Uncount(ctx context.Context, s Start) {
	if !l.ceilings.Uncount(ctx, s.counted(), l.ledger.TakesBack(s.note)) {
		l.ledger.TakeBack(ctx, s.note)
	}
}

// note is one about the current attempt of a login.
func (l *Logins) note(h storage.Handle, login *Login) ledger.Note {
	return ledger.Note{
		Login:   ledger.Login{Client: login.Terms.ID, ID: h.ID(), Began: login.Began, Expires: login.Expires},
		Attempt: login.Attempt.Number, At: l.now(),
	}
}

// put writes what an attempt starts with, and counts it.
func (l *Logins) put(
	ctx context.Context, h storage.Handle, login *Login, t Transaction, n ledger.Note, was storage.Record[Login], more ...storage.Write,
) (bool, error) {
	n.Over = login.Outcome != nil
	written, err := l.visits.put(ctx, h, *login, t, n, was, more...)
	if n.Word.Started() {
		l.metrics.transaction(n.Client, started)
	} else {
		l.metrics.transaction(n.Client, n.Word.Transaction())
	}
	switch {
	case !written && err == nil: // somebody else was faster with this attempt
		l.ledger.Stray(ctx, n)
		return false, nil
	case n.Attempt == 1: // also where nobody knows whether it is written
		l.metrics.began(n.Client)
	}
	if written && n.Over {
		l.ends(ctx, h, login, n.Word.Outcome())
	}
	return written, err
}

// judged counts what became of a login that CM was asked about.
func (l *Logins) judged(ctx context.Context, h storage.Handle, d *verdict) {
	switch {
	case d.login.Outcome != nil || d.login.Attempt.State != Waiting:
	case d.login.Attempt.Silent:
		l.metrics.step(d.login.Terms.ID, StepUnanswered)
	default:
		l.metrics.step(d.login.Terms.ID, StepWaiting)
	}
	if l.ledger.Counted(&d.note) {
		return
	}
	l.transactionEnds(&d.note)
	if d.login.Outcome != nil {
		l.ends(ctx, h, &d.login, d.note.Word.Outcome())
	}
}

// transactionEnds counts what a note says of a transaction that is over.
func (l *Logins) transactionEnds(n *ledger.Note) {
	if n.Word.Final() {
		l.metrics.transaction(n.Client, n.Word.Transaction())
	}
}

// ends counts how a login ended, and tells whoever wants to hear of it.
func (l *Logins) ends(ctx context.Context, h storage.Handle, login *Login, outcome string) {
	took := time.Duration(0)
	if !login.Began.IsZero() { // of an older version
		took = login.Outcome.At.Sub(login.Began)
	}
	l.tellOf(ctx, ledger.End{
		Client: login.Terms.ID, Outcome: outcome, Login: h.ID(), Attempts: login.Attempt.Number, Duration: took,
	})
}

// AnsweredBySession counts a login of a client that a session has answered.
func (l *Logins) AnsweredBySession(ctx context.Context, client string) {
	l.tellOf(ctx, ledger.End{Client: client, Outcome: ledger.BySession})
}

func (l *Logins) tellOf(ctx context.Context, e ledger.End) {
	l.metrics.login(e.Client, e.Outcome)
	if l.ended != nil {
		l.ended(ctx, e)
	}
}

// Collect counts the logins of which nothing can become any more: see [ledger.Ledger.Collect].
func (l *Logins) Collect(ctx context.Context) error {
	return l.ledger.Collect(ctx, func(c ledger.Closed) {
		for _, end := range c.Late {
			l.metrics.transaction(c.Client, end)
		}
		if c.Outcome != "" {
			l.tellOf(ctx, c.End)
		}
	})
}

// word is what a verdict says of the transaction, where that is more than was known.
func (v *verdict) word(was *Login) ledger.Word {
	now := v.login.Attempt
	switch {
	case v.said == success:
		return ledger.Success
	case v.said == Stranger:
		return ledger.WrongPerson
	case now.State != Waiting:
		return wordOf(now.State)
	case now.Silent:
		return ledger.Silent
	case was.Attempt.Silent:
		return ledger.Waiting
	default:
		return ledger.Same
	}
}

// wordOf is what the state of an attempt that CM has made says of its transaction.
func wordOf(s State) ledger.Word {
	switch s {
	case Cancelled:
		return ledger.Cancelled
	case Expired:
		return ledger.Expired
	case NoData:
		return ledger.NoData
	case Refused:
		return ledger.Refused
	default:
		return ledger.Failed
	}
}

// leftOutcome is how a login ends that a person leaves as it is.
func (l *Login) leftOutcome() string {
	switch state := l.Attempt.seen(); state {
	case Waiting:
		return ledger.OfLeft
	case Unavailable:
		return ledger.Unavailable
	default:
		return wordOf(state).Outcome()
	}
}

// closingWord is what is said of the transaction of a login that ends so, where
// more becomes of it by that.
func (l *Login) closingWord(outcome string) ledger.Word {
	switch {
	case l.Attempt.State != Waiting:
		return ledger.Same
	case outcome == ledger.Restarted:
		return ledger.Expired
	case l.Attempt.Silent:
		return ledger.Silent
	default:
		return ledger.Left
	}
}
