package ledger

import (
	"context"
	"strconv"
	"sync"
	"time"

	"itsme-bridge/storage"
)

// Ledger is where it is said what becomes of transactions.
type Ledger struct {
	store  *storage.Store
	tally  *storage.Tally
	now    func() time.Time
	onLoss func()

	sending sync.WaitGroup // what is said behind a request's back: the drain waits for it
	room    chan struct{}  // for so many at once

	mu      sync.Mutex
	clients map[string]time.Duration // that are registered, with their deadlines
}

// How much is said behind the backs of requests, and for how long it is tried.
const (
	patience = 10 * time.Second
	atOnce   = 16 // of the connections that everybody shares
	atNodes  = 1000
)

// New makes one on a store.
func New(store *storage.Store, now func() time.Time) *Ledger {
	most := atOnce
	if store.Spread() { // each node has connections of its own, and all is said behind the backs
		most = atNodes
	}
	return &Ledger{
		store: store, tally: tallyOf(store), now: now,
		onLoss: func() {}, room: make(chan struct{}, most),
	}
}

func tallyOf(store *storage.Store) *storage.Tally { return storage.NewTally(store, "usage") }

// OnLoss says what to do whenever something could not be said, so that a
// transaction may be missing, or be counted by what was said of it before. Call
// it before the first request.
func (l *Ledger) OnLoss(do func()) { l.onLoss = do }

// Login is what the ledger knows of one: no person.
type Login struct {
	Client  string
	ID      string
	Began   time.Time // zero: in a version that kept no ledger
	Expires time.Time // its deadline
}

// closing is how long after its deadline a login is counted. Until then something
// may still become of it: CM's transaction is kept for ten minutes beyond the
// deadline, for somebody who approved in time and comes back late. Then CM may
// take a minute to answer, and the answer another one to be written.
const closing = 15 * time.Minute

// due is when it is counted.
func (l Login) due() time.Time { return l.Expires.Add(closing) }

// thing is what is counted. Of two clicks on the same page each may begin the login,
// and pay, where the first one is too slow to be the one who does: so when it began is
// part of what it is.
func (l Login) thing() storage.Thing {
	id := l.ID
	if !l.Began.IsZero() {
		began := append(append(make([]byte, 0, 64), id...), '.') // of a size that needs no heap
		id = string(strconv.AppendInt(began, l.Began.UnixMilli(), 36))
	}
	return storage.Thing{Subject: l.Client, ID: id, Due: l.due()}
}

// Note is what is said of one attempt of a login.
type Note struct {
	Login

	Attempt int       // 1 is the first
	At      time.Time // when it began, or at least was heard of: it counts on that day
	Word    Word
	Over    bool // nothing more becomes of the login
}

func (n *Note) says() bool { return n.Word != Same || n.Over }

func (n *Note) step() storage.Step {
	return storage.Step{Number: n.Attempt, Began: n.At, Word: byte(n.Word), Over: n.Over}
}

func (l *Ledger) say(n *Note, force bool, taken *bool) storage.Op {
	step := n.step()
	step.Force = force
	return l.tally.Say(n.thing(), step, taken)
}

// Asks says that CM is about to be asked for a transaction, in the pipeline that
// counts it against the ceilings. What becomes of it there disturbs nobody.
func (l *Ledger) Asks(n Note) storage.Op {
	n.Word = Asked
	return storage.Aside(l.say(&n, false, nil), l.lost)
}

// TakesBack says that CM was not asked after all.
func (l *Ledger) TakesBack(n Note) storage.Op {
	return storage.Aside(l.tally.Unsay(n.thing(), n.step()), l.lost)
}

// TakeBack is TakesBack behind the request's back: Redis has just failed.
func (l *Ledger) TakeBack(ctx context.Context, n Note) {
	l.later(ctx, l.tally.Unsay(n.thing(), n.step()))
}

// Counted reports whether a login may have been counted already: what is said of it
// then would be counted once more.
func (l *Ledger) Counted(n *Note) bool { return !l.now().Before(n.due()) }

// tooLate is Counted for something that is to be said all the same: this process has
// stood still for minutes.
func (l *Ledger) tooLate(n *Note) bool {
	if !l.Counted(n) {
		return false
	}
	l.onLoss()
	return true
}

// Commit writes what belongs to a login, and says beside it what that means for the
// transaction. The note changes nothing for the writes: neither whether they are
// done, nor how long that takes. If they are not done, since somebody else has
// written, it may be said all the same, and then gives way to what they say.
func (l *Ledger) Commit(ctx context.Context, n Note, writes ...storage.Write) (bool, error) {
	if !n.says() || l.tooLate(&n) {
		return l.store.Commit(ctx, writes...)
	}
	if l.store.Spread() { // perhaps to another node, which need not be there
		ok, err := l.store.Commit(ctx, writes...)
		if ok || err != nil {
			l.later(ctx, l.say(&n, false, nil))
		}
		return ok, err
	}
	var failure error
	taken := false
	ok, err := l.store.CommitBeside(ctx, l.say(&n, false, &taken), &failure, writes...)
	if said := failure == nil && taken; !said && (ok || err != nil) {
		// What was refused by what somebody else said, who was too late with it, is so: it is written.
		l.later(ctx, l.say(&n, ok && failure == nil, nil))
	}
	return ok, err
}

// Stray says what Commit did not: somebody else was faster with the same attempt, and
// CM has made a transaction, or may have, that no login knows of.
func (l *Ledger) Stray(ctx context.Context, n Note) {
	if n.Attempt > 1 { // what is said of this attempt is about theirs
		if !n.Word.Started() && n.Word != Doubtful {
			return
		}
		n.ID, n.Began, n.Attempt = storage.NewHandle().ID(), time.Time{}, 1
	}
	if n.Over = true; !l.tooLate(&n) {
		l.later(ctx, l.say(&n, false, nil))
	}
}

// later says something behind the request's back, again and again until Redis has it.
func (l *Ledger) later(ctx context.Context, op storage.Op) {
	select {
	case l.room <- struct{}{}:
	default:
		l.onLoss()
		return
	}
	ctx = context.WithoutCancel(ctx)
	l.sending.Go(func() {
		defer func() { <-l.room }()
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := l.store.Insist(ctx, op); err != nil {
			l.lost(err)
		}
	})
}

func (l *Ledger) lost(error) { l.onLoss() }

// Wait returns when nothing is left to be said.
func (l *Ledger) Wait() { l.sending.Wait() }
