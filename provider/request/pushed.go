package request

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Pushed is an authorization request that a client has pushed (RFC 9126). It is
// opened by its request_uri.
//
// The request_uri is used up when a login that it began is over, and not by the
// first visit: people reload, and previews look first. So it remembers the
// logins that it began. The same browser is led back to its own; another one
// begins another, while transactions are left.
type Pushed struct {
	ClientID   string    `json:"client_id"`
	Parameters string    `json:"parameters"` // as a query: what the request object held, if it had one
	Signed     bool      `json:"signed,omitempty"`
	Expires    time.Time `json:"exp"`  // after that it begins nothing
	Dies       time.Time `json:"dies"` // after that it is forgotten: until then the same browser finds its login
	Logins     []string  `json:"logins,omitempty"`
	Starts     int       `json:"starts,omitempty"` // transactions, of all logins
	Done       bool      `json:"done,omitempty"`   // one of the logins is over
}

// Good reports whether the request can still begin a login.
func (q *Pushed) Good(now time.Time) bool { return !q.Done && now.Before(q.Expires) }

// URIPrefix makes a handle a request_uri (RFC 9126 §2.2).
const URIPrefix = "urn:ietf:params:oauth:request_uri:"

// Pushes are the pushed requests.
type Pushes struct {
	store       *storage.Store
	bucket      *storage.Bucket[Pushed]
	maxAttempts int           // transactions that one request may start
	writeBudget time.Duration // how long a write is repeated
	now         func() time.Time
}

// NewPushes finds them in a store.
func NewPushes(store *storage.Store, maxAttempts int, writeBudget time.Duration, now func() time.Time) *Pushes {
	return &Pushes{
		store: store, bucket: storage.NewBucket[Pushed](store, "pushed"),
		maxAttempts: maxAttempts, writeBudget: writeBudget, now: now,
	}
}

// errThere is why a pushed request was not kept.
var errThere = errors.New("provider: a pushed request has this name already")

// Put keeps a new request until it dies. The write may be sent more than once, and one of them
// arrive long after: then the request may have begun a login, and is left as it is.
func (p *Pushes) Put(ctx context.Context, h storage.Handle, q Pushed) error {
	written, err := p.store.Commit(ctx, p.bucket.Replace(h, storage.Record[Pushed]{}, q, q.Dies.Sub(p.now())))
	if err == nil && !written {
		err = errThere
	}
	if err != nil {
		return oauth.Broken(err)
	}
	return nil
}

// Spend takes one of the transactions that a pushed request may start. It is not
// ok if none is left, or a login is over by now: who has counted a start takes it back.
func (p *Pushes) Spend(ctx context.Context, pushed, login string) (ok bool, err error) {
	if pushed == "" {
		return true, nil
	}
	return p.amend(ctx, pushed, func(was *Pushed) bool {
		if was.Done || was.Starts >= p.maxAttempts {
			return false
		}
		if !slices.Contains(was.Logins, login) {
			was.Logins = append(slices.Clone(was.Logins), login)
		}
		was.Starts++
		return true
	})
}

// Unspend gives a transaction back that was not started. A login that it would have begun
// is forgotten. If that does not succeed, the request may start one less.
func (p *Pushes) Unspend(ctx context.Context, pushed, login string, forget bool) {
	if pushed == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.writeBudget)
	defer cancel()
	tried := false // Redis may have written it and somebody else something since: nobody is given two back
	if _, err := p.amend(ctx, pushed, func(was *Pushed) bool {
		if tried && !forget || !slices.Contains(was.Logins, login) {
			return false
		}
		tried = true
		was.Starts = max(0, was.Starts-1)
		if forget {
			was.Logins = slices.DeleteFunc(slices.Clone(was.Logins), func(id string) bool { return id == login })
		}
		return true
	}); err != nil {
		edge.EventOf(ctx).Add(slog.String("unspend", err.Error()))
	}
}

// badPushed is the one answer to a request_uri that begins nothing, whatever the
// reason: whoever guesses learns nothing, and whoever comes twice always the same.
func badPushed(reason string) *oauth.Error {
	return oauth.BadRequestURI("The request_uri is unknown, has expired or been used, or is that of another client.").Because(errors.New(reason))
}

// Spent is why a pushed request could not begin another transaction. The client is
// told: the request is known, and so is where its errors go.
func (a *Asking) Spent(err error) error {
	if err != nil {
		return a.ToPerson(err)
	}
	return a.ToClient(badPushed("provider: the pushed request has been used, or too often"))
}

// Stale is why a pushed request begins nothing any more, though it is remembered.
func (a *Asking) Stale() error {
	return a.ToClient(badPushed("provider: the pushed request has been used, or has expired"))
}

// Consume uses the pushed request of a login that is over up. If that does
// not succeed, the request_uri expires by itself.
func (p *Pushes) Consume(ctx context.Context, pushed string) {
	if pushed == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.writeBudget)
	defer cancel()
	if _, err := p.amend(ctx, pushed, func(was *Pushed) bool { was.Done = true; return true }); err != nil {
		edge.EventOf(ctx).Add(slog.String("consume", err.Error()))
	}
}

// UseUp uses a pushed request up that is answered at once. It is not ok if
// somebody else has done so.
func (p *Pushes) UseUp(ctx context.Context, pushed string) (ok bool, err error) {
	if pushed == "" {
		return true, nil
	}
	return p.amend(ctx, pushed, func(was *Pushed) bool {
		ok := !was.Done
		was.Done = true
		return ok
	})
}

// amend changes a pushed request, by compare-and-swap. It is not ok if the
// change does not want to, or there is nothing to change any more.
func (p *Pushes) amend(ctx context.Context, pushed string, change func(*Pushed) bool) (ok bool, err error) {
	h, _ := storage.ParseHandle(pushed) // our own
	for {
		var was storage.Record[Pushed]
		if err := p.store.Do(ctx, p.bucket.Read(h, &was)); err != nil {
			return false, oauth.Broken(err)
		}
		next, left := was.Value, was.Value.Dies.Sub(p.now())
		if !was.OK || left <= 0 || !change(&next) {
			return false, nil
		}
		if written, err := p.store.Commit(ctx, p.bucket.Replace(h, was, next, left)); err != nil {
			return false, oauth.Broken(err)
		} else if written {
			return true, nil
		}
	}
}

// takePushed puts a pushed request in the place of the one that names it.
// Whatever stands beside its request_uri is ignored (RFC 9126 §4, RFC 9101 §6.3).
func (r *Reader) takePushed(ctx context.Context, a *Asking, uri string) *oauth.Error {
	h, ok := storage.ParseHandle(strings.TrimPrefix(uri, URIPrefix))
	if !ok {
		return badPushed("provider: the request_uri is no handle of ours")
	}
	found, ok, err := r.pushes.bucket.Get(ctx, h)
	switch {
	case err != nil:
		return oauth.Broken(err)
	case !ok:
		return badPushed("provider: the pushed request is unknown, or forgotten")
	case found.ClientID != a.Client.ID:
		return badPushed("provider: the request was pushed by another client").Of(oauth.ForeignRequest)
	}
	a.Parameters, _ = url.ParseQuery(found.Parameters) // our own encoding
	a.Source = Source{Signed: found.Signed, Pushed: h.Text()}
	a.Pushed, a.Kin = &found, h.ID()
	return nil
}
