package provider

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/storage"
)

// start makes a transaction at CM for the login's current attempt. If CM makes
// none, the attempt's state says why, and the transaction is empty.
func (p *Provider) start(ctx context.Context, h storage.Handle, l *Login) Transaction {
	order := itsme.Start{
		Service:     l.Request.Service,
		Scopes:      upstreamScopes(&l.Request),
		Locale:      l.Request.Locale,
		RedirectURL: p.returnURL(h, l.Attempt.Number),
		PhoneNumber: l.Request.PhoneNumber,
	}
	if client, ok := p.client(l.Terms.ID); ok {
		order.Token = client.MerchantToken
	}
	made, err := p.order(ctx, order)
	if errors.Is(err, itsme.ErrRefused) && order.PhoneNumber != "" {
		// The one deliberate second POST: a hint that CM does not like is no hint.
		order.PhoneNumber, l.Request.PhoneNumber = "", ""
		made, err = p.order(ctx, order)
	}
	event(ctx).Add(slog.Int("attempt", l.Attempt.Number))
	switch {
	case err == nil:
		l.Attempt.State = Waiting
	case errors.Is(err, itsme.ErrRefused):
		l.Attempt.State = Refused
		p.alert(ctx, l, err)
	default:
		l.Attempt.State = Unavailable
		event(ctx).Add(slog.String("upstream_error", err.Error()))
	}
	if l.Attempt.State != Waiting {
		p.metrics.login(l.Terms.ID, string(l.Attempt.State))
		l.conclude(p.now())
	}
	return Transaction{Transaction: made, Attempt: l.Attempt.Number}
}

// alert says that CM refuses what the operator configured: nobody else can mend it.
func (p *Provider) alert(ctx context.Context, l *Login, err error) {
	p.log.LogAttrs(ctx, slog.LevelError, "CM refuses our parameters", slog.String("cause", err.Error()),
		slog.String("message", refusal(err)), slog.String("client", l.Terms.ID), slog.String("reference", event(ctx).Reference))
}

// refusal is what CM said about the parameters it refused.
func refusal(err error) string {
	var e *itsme.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Message()
}

// order is one POST to CM, measured.
func (p *Provider) order(ctx context.Context, s itsme.Start) (itsme.Transaction, error) {
	began := p.now()
	made, err := p.upstream.Start(ctx, s)
	p.metrics.upstream("start", resultOf(err), p.now().Sub(began))
	return made, err
}

// resultOf names an upstream error for a metric.
func resultOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, itsme.ErrRefused):
		return "refused"
	case errors.Is(err, itsme.ErrTaken):
		return "taken"
	case errors.Is(err, itsme.ErrBadAnswer):
		return "bad_answer"
	default:
		return "unavailable"
	}
}

// grace is how long beyond the deadline a transaction is kept, for somebody
// who approved in time and comes back late: if CM still has a success, we take it.
const grace = 10 * time.Minute

// life is how long a login is kept: somebody who comes late is still led back.
func (l *Login) life(now time.Time) time.Duration { return l.Expires.Sub(now) + time.Hour }

// putLogin writes what an attempt starts with, over what was read: nobody else
// may have written since, also where there was nothing.
func (p *Provider) putLogin(
	ctx context.Context, h storage.Handle, l Login, t Transaction, was storage.Record[Login], more ...storage.Write,
) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, p.config.WriteBudget)
	defer cancel()
	now := p.now()
	writes := append(more, p.logins.Replace(h, was, l, l.life(now)))
	if !was.OK {
		writes = append(writes, p.labels.Set(storage.HandleOf(h.ID(), ""), l.label(), memory))
	}
	if t.AuthenticationURL != "" {
		writes = append(writes, p.transactions.Set(h, t, l.Expires.Sub(now)+grace))
	}
	return p.store.Commit(ctx, writes...)
}

// failedStart answers the person whose attempt got no transaction.
func (p *Provider) failedStart(w http.ResponseWriter, r *http.Request, h storage.Handle, l *Login) {
	if l.Outcome != nil {
		p.respond(w, r, &l.Request, l.Outcome)
		return
	}
	p.stopped(w, r, h, l)
}
