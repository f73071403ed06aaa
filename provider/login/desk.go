package login

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/storage"
)

// Upstream is where people prove who they are. *itsme.Client is one.
type Upstream interface {
	Start(ctx context.Context, s itsme.Start) (itsme.Transaction, error)
	Status(ctx context.Context, transactionToken string) (itsme.Result, error)
}

// desk is where CM is spoken to. It measures each call.
type desk struct {
	upstream Upstream
	timeout  time.Duration // of one status call
	clients  *client.Registry
	proofs   *proofs
	gates    *gates
	metrics  *metrics
	log      *slog.Logger
	now      func() time.Time
}

// start makes a transaction at CM for the login's current attempt. If CM makes
// none, the attempt's state says why, the word says what is known of it, and the
// transaction is empty. An error: CM was not asked, and there is no such attempt.
func (d *desk) start(ctx context.Context, h storage.Handle, l *Login) (Transaction, ledger.Word, error) {
	order := itsme.Start{
		Service:     l.Request.Service,
		Scopes:      l.Request.UpstreamScopes(),
		Locale:      l.Request.Locale,
		RedirectURL: d.proofs.returnURL(h, l.Attempt.Number),
		PhoneNumber: l.Request.PhoneNumber,
	}
	if client, ok := d.clients.Find(l.Terms.ID); ok {
		order.Token = client.MerchantToken
	}
	made, err := d.order(ctx, h, order)
	if IsUnasked(err) {
		return Transaction{}, ledger.Same, err
	}
	if errors.Is(err, itsme.ErrRefused) && order.PhoneNumber != "" {
		// The one deliberate second POST: a hint that CM does not like is no hint.
		order.PhoneNumber, l.Request.PhoneNumber = "", ""
		made, err = d.order(ctx, h, order) // where this one is not asked, the first was all the same
	}
	edge.EventOf(ctx).Add(slog.Int("attempt", l.Attempt.Number))
	switch {
	case err == nil:
		l.Attempt.State = Waiting
	case errors.Is(err, itsme.ErrRefused):
		l.Attempt.State = Refused
		d.alert(ctx, l, err)
	default:
		l.Attempt.State = Unavailable
		silent(ctx, err)
	}
	if l.Attempt.State != Waiting {
		l.conclude(d.now())
	}
	return Transaction{Transaction: made, Attempt: l.Attempt.Number}, madeOf(err), nil
}

// madeOf says whether CM has made the transaction that it was asked for. It may
// have, unless it says that it has not, or never got the request.
func madeOf(err error) ledger.Word {
	told, ok := errors.AsType[*itsme.Error](err)
	switch {
	case err == nil:
		return ledger.Waiting
	case errors.Is(err, itsme.ErrRefused), IsUnasked(err): // with a phone number it was refused
		return ledger.Declined
	case ok && (!told.Sent() || told.Status >= 400 && told.Status < 500):
		return ledger.Unreached
	default:
		return ledger.Doubtful
	}
}

// order is one POST, or none: see [gates.start].
func (d *desk) order(ctx context.Context, h storage.Handle, s itsme.Start) (made itsme.Transaction, err error) {
	err = d.gates.start(ctx, h.ID(), s, func() (err error) {
		began := d.now()
		made, err = d.upstream.Start(ctx, s)
		d.metrics.upstream(opStart, resultOf(err), d.now().Sub(began))
		return err
	})
	return made, err
}

// ask is the one status request of a visit, or none: see [gates.status]. An attempt whose
// time is up is not asked about: it has expired.
func (d *desk) ask(ctx context.Context, h storage.Handle, l *Login, t *Transaction) (result itsme.Result, err error) {
	if l.Attempt.over(d.now()) {
		return itsme.Result{Status: itsme.Expired}, nil
	}
	err = d.gates.status(ctx, h.ID(), func() (err error) {
		result, err = d.status(ctx, t.Token)
		return err
	})
	switch {
	case errors.Is(err, itsme.ErrRefused):
		d.alert(ctx, l, err)
	case err != nil && !IsUnasked(err):
		silent(ctx, err)
	}
	return result, err
}

func (d *desk) status(ctx context.Context, transactionToken string) (itsme.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	began := d.now()
	result, err := d.upstream.Status(ctx, transactionToken)
	d.metrics.upstream(opStatus, resultOf(err), d.now().Sub(began))
	if err == nil {
		edge.EventOf(ctx).Add(slog.String("cm_status", string(result.Status)))
		if result.Raw != "" && result.Raw != string(result.Status) {
			edge.EventOf(ctx).Add(slog.String("cm_status_raw", result.Raw))
		}
		if len(result.Dropped) > 0 { // CM gives it once: nobody else will ever see that it was there
			edge.EventOf(ctx).Add(slog.String("cm_fields_dropped", strings.Join(result.Dropped, " ")))
		}
	}
	return result, err
}

// registered knows which clients have which merchant token, and forgets the gates of those that
// no client has any more.
func (d *desk) registered(clients []string) {
	by := map[string][]string{}
	for _, id := range slices.Sorted(slices.Values(clients)) {
		if client, ok := d.clients.Find(id); ok {
			by[client.MerchantToken] = append(by[client.MerchantToken], id)
		}
	}
	d.gates.keep(by)
}

// silent is a CM that does not answer, or not sensibly. The person is told to try
// again; an operator may have to mend the way there.
func silent(ctx context.Context, err error) {
	event := edge.EventOf(ctx)
	event.Add(slog.String("upstream_error", err.Error()))
	event.Warn()
}

// alert says that CM refuses what the operator configured: nobody else can mend it.
func (d *desk) alert(ctx context.Context, l *Login, err error) {
	attrs := []slog.Attr{slog.String("cause", err.Error()), slog.String("message", refusal(err)), slog.String("client", l.Terms.ID)}
	d.log.LogAttrs(ctx, slog.LevelError, "CM refuses our parameters", append(attrs, edge.EventOf(ctx).Names()...)...)
}

// refusal is what CM said about the parameters it refused.
func refusal(err error) string {
	var e *itsme.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Message()
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
