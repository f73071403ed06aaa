package login

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// visits look at logins, and write what becomes of them.
type visits struct {
	store        *storage.Store
	ledger       *ledger.Ledger
	labels       *storage.Bucket[Label]
	logins       *storage.Bucket[Login]
	transactions *storage.Bucket[Transaction]
	grants       *storage.Bucket[grant.Grant]
	lease        time.Duration // how long one request may hold a login
	writeBudget  time.Duration // how long a write is repeated
	code         time.Duration // life of an authorization code
	now          func() time.Time
	releasing    sync.WaitGroup // of leases that may be ours: only the drain waits for it
}

// visit is one look at a login, and the try to be the only one who acts on it.
// All of it is one pipeline.
//
// Whoever holds the lease may ask CM or start a transaction; everybody else is
// shown what is there. Since the lease may be lost to a failover, what is
// written under it also compares the login's revision.
type visit struct {
	handle      storage.Handle
	login       storage.Record[Login]
	transaction storage.Record[Transaction]
	grant       storage.State
	lease       *storage.Lease
	began       time.Time // before the lease was asked for: it lasts at least until began + visits.lease
	watched     bool      // it is the script of a waiting page that looks, see [watches]
	forgotten   bool      // Redis has lost the login since it was read here
	visits      *visits
}

func (vs *visits) begin(h storage.Handle) *visit {
	return &visit{handle: h, lease: vs.store.NewLease("lease", h.ID()), began: vs.now(), visits: vs}
}

// visit looks at a login, and takes the lease if nobody has it.
func (vs *visits) visit(ctx context.Context, h storage.Handle) (*visit, error) {
	v := vs.begin(h)
	return v, v.see(ctx, v.acquire())
}

// look looks at a login, and leaves the lease alone.
func (vs *visits) look(ctx context.Context, h storage.Handle) (*visit, error) {
	v := vs.begin(h)
	return v, v.see(ctx, v.lease.Look())
}

// again looks at the login once more, and at whether the lease is still ours. Where Redis
// does not answer, the lease is kept: who looks again may have an identity in hand.
func (v *visit) again(ctx context.Context) error { return v.read(ctx, v.lease.Look()) }

// acquire takes the lease if nobody has it.
func (v *visit) acquire() storage.Op { return v.lease.Acquire(v.visits.lease) }

// reads are what a visit sends to Redis, behind what it does about the lease.
func (v *visit) reads(lease storage.Op) []storage.Op {
	return []storage.Op{
		lease,
		v.visits.logins.Read(v.handle, &v.login),
		v.visits.transactions.Read(v.handle, &v.transaction),
		v.visits.grants.State(v.handle.ID(), &v.grant),
	}
}

// see is read for whoever has nothing to do where Redis does not answer.
func (v *visit) see(ctx context.Context, lease storage.Op) error {
	err := v.read(ctx, lease)
	if err != nil {
		v.release(ctx)
	}
	return err
}

func (v *visit) read(ctx context.Context, lease storage.Op) error {
	edge.EventOf(ctx).OfLogin(v.handle.ID())
	if err := v.visits.store.Do(ctx, v.reads(lease)...); err != nil {
		return oauth.Broken(err)
	}
	if v.login.OK {
		edge.EventOf(ctx).Genuine()
		edge.EventOf(ctx).Add(slog.String("client", v.login.Value.Terms.ID), slog.Int("attempt", v.login.Value.Attempt.Number))
	}
	return nil
}

// left is how much of the lease is left.
func (v *visit) left() time.Duration { return v.visits.lease - v.visits.now().Sub(v.began) }

// release gives the lease back, so that the next one need not wait for its end,
// and also where the browser has hung up. If that fails, the lease ends by itself.
// It does so once, however often it is called.
func (v *visit) release(ctx context.Context) {
	if v.lease.Doubtful() {
		v.abandon(ctx)
		return
	}
	if !v.lease.Held() {
		return
	}
	if err := v.giveBack(ctx, v.lease); err != nil {
		edge.EventOf(ctx).Add(slog.String("lease", err.Error()))
	}
	v.lease = v.visits.store.NewLease("lease", v.handle.ID())
}

// abandon is release where Redis has just failed: it may have given us the lease, and
// the person does not wait for it a second time.
func (v *visit) abandon(ctx context.Context) {
	lease := v.lease
	v.visits.releasing.Go(func() { _ = v.giveBack(ctx, lease) }) // by now the request's line is written
}

func (v *visit) giveBack(ctx context.Context, lease *storage.Lease) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := v.visits.store.Commit(ctx, lease.Release(0))
	return err
}

// asks reports whether there is something to ask CM about.
func (v *visit) asks() bool {
	l := &v.login.Value
	return v.login.OK && l.Outcome == nil && l.Attempt.State == Waiting && !v.spent() &&
		v.transaction.OK && v.transaction.Value.Attempt == l.Attempt.Number
}

// spent reports whether the login has given a code that was redeemed. Where it has no outcome
// all the same, Redis has lost what was written before that: nothing more can be written of it.
func (v *visit) spent() bool { return v.grant == storage.Spent || v.grant == storage.Replayed }

// stillAsks reports whether that something is this attempt, for the one who may ask.
func (v *visit) stillAsks(attempt int) bool {
	return v.asks() && v.login.Value.Attempt.Number == attempt && v.lease.Held()
}

// put writes what an attempt starts with, over what was read: nobody else may
// have written since, also where there was nothing.
func (vs *visits) put(
	ctx context.Context, h storage.Handle, l Login, t Transaction, n ledger.Note, was storage.Record[Login], more ...storage.Write,
) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, vs.writeBudget)
	defer cancel()
	now := vs.now()
	writes := append(make([]storage.Write, 0, len(more)+3), more...)
	writes = append(writes, vs.logins.Replace(h, was, l.kept(), l.life(now)))
	if !was.OK {
		writes = append(writes, vs.label(h, &l))
	}
	if t.AuthenticationURL != "" {
		writes = append(writes, vs.transactions.Set(h, t, l.Expires.Sub(now)+grace))
	}
	return vs.ledger.Commit(ctx, n, writes...)
}

// label writes the label of a login.
func (vs *visits) label(h storage.Handle, l *Login) storage.Write {
	return vs.labels.Set(storage.HandleOf(h.ID(), ""), labelFor(&l.Terms, l.Request.Locale), memory)
}

// settle writes a verdict, with all that an approval leaves behind, or nothing.
// It is false where somebody else has written since the visit.
func (v *visit) settle(ctx context.Context, d *verdict) (bool, error) {
	writes := make([]storage.Write, 0, 4+len(d.session))
	writes = append(writes, v.lease.Release(d.pause), v.replace(d.login))
	if v.forgotten {
		writes = append(writes, v.visits.label(v.handle, &d.login))
	}
	if d.grant != nil {
		writes = append(writes, v.visits.grants.Set(d.code, *d.grant, v.visits.code))
		writes = append(writes, d.session...)
	}
	if d.login.Attempt.State != Waiting || d.login.Outcome != nil {
		writes = append(writes, v.visits.transactions.Drop(v.handle.ID()))
	}
	return v.visits.ledger.Commit(ctx, d.note, writes...)
}

// close writes the login as it ends, unless somebody else has written since the
// visit. The transaction goes with it.
func (v *visit) close(ctx context.Context, l Login, n ledger.Note) (bool, error) {
	return v.visits.ledger.Commit(ctx, n, v.replace(l), v.visits.transactions.Drop(v.handle.ID()))
}
