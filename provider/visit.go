package provider

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"itsme-bridge/storage"
)

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
	began       time.Time // before the lease was asked for: it lasts at least until began + Config.Lease
	provider    *Provider
}

func (p *Provider) newVisit(h storage.Handle) *visit {
	return &visit{handle: h, lease: p.store.NewLease("lease", h.ID()), began: p.now(), provider: p}
}

// reads are what a visit sends to Redis, behind what it does about the lease.
func (v *visit) reads(lease storage.Op) []storage.Op {
	p := v.provider
	return []storage.Op{
		lease,
		p.logins.Read(v.handle, &v.login),
		p.transactions.Read(v.handle, &v.transaction),
		p.grants.State(v.handle.ID(), &v.grant),
	}
}

// visit looks at a login, and takes the lease if nobody has it.
func (p *Provider) visit(ctx context.Context, h storage.Handle) (*visit, error) {
	v := p.newVisit(h)
	return v, v.see(ctx, v.lease.Acquire(p.config.Lease))
}

// look looks at a login, and leaves the lease alone.
func (p *Provider) look(ctx context.Context, h storage.Handle) (*visit, error) {
	v := p.newVisit(h)
	return v, v.see(ctx, v.lease.Look())
}

func (v *visit) see(ctx context.Context, lease storage.Op) error {
	if err := v.provider.store.Do(ctx, v.reads(lease)...); err != nil {
		v.provider.release(ctx, v)
		return broken(err)
	}
	if v.login.OK {
		event(ctx).Add(slog.String("client", v.login.Value.Terms.ID), slog.Int("attempt", v.login.Value.Attempt.Number))
	}
	return nil
}

// broken tells a store that does not answer, where the same request may go
// through later, from a record that will never open.
func broken(err error) error {
	if errors.Is(err, storage.ErrUnavailable) {
		return unavailable(err)
	}
	return worldly(err)
}

// left is how much of the lease is left.
func (v *visit) left() time.Duration { return v.provider.config.Lease - v.provider.now().Sub(v.began) }

// release gives the lease back, so that the next one need not wait for its end,
// and also where the browser has hung up. If that fails, the lease ends by itself.
func (p *Provider) release(ctx context.Context, v *visit) {
	if !v.lease.Held() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := p.store.Commit(ctx, v.lease.Release(0)); err != nil {
		event(ctx).Add(slog.String("lease", err.Error()))
	}
}

// asks reports whether there is something to ask CM about.
func (v *visit) asks() bool {
	l := &v.login.Value
	return v.login.OK && l.Outcome == nil && l.Attempt.State == Waiting &&
		v.transaction.OK && v.transaction.Value.Attempt == l.Attempt.Number
}
