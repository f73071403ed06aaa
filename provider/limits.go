package provider

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/storage"
)

// Limits are the ceilings of promise 8: a transaction is money. Each counts
// starts within one window. Zero means no limit.
type Limits struct {
	Window     time.Duration
	PerAddress int64 // of one IPv4 /32 or IPv6 /64; above it the person must wait
	PerClient  int64 // soft: above it the person is asked to click before a transaction starts
	Total      int64 // above it nobody starts one until the window is over
}

// Ceilings count starts in Redis, for all replicas together.
type Ceilings struct {
	limits Limits
	store  *storage.Store
	now    func() time.Time
}

// newCeilings counts in a store.
func newCeilings(limits Limits, store *storage.Store, now func() time.Time) *Ceilings {
	return &Ceilings{limits: limits, store: store, now: now}
}

// Load is how the ceilings stand after one more start has been counted.
type Load struct {
	soft bool // the client is above its soft ceiling: ask the person first
	full bool // this address, or everybody together, is above a hard one
}

// count counts a start against the ceilings, in one pipeline together with
// whatever else must be read. A limit of zero does not count. Whoever then does
// not start a transaction takes back what concerns others: see [Ceilings.uncount].
func (c *Ceilings) count(ctx context.Context, client string, more ...storage.Op) (Load, error) {
	limits, now := c.limits, c.now()
	var total, perClient, perAddress int64
	ops := more
	if limits.Total > 0 {
		ops = append(ops, c.store.Count("starts", "all", limits.Window, now, &total))
	}
	if limits.PerClient > 0 {
		ops = append(ops, c.store.Count("client", client, limits.Window, now, &perClient))
	}
	if from := address(ctx); limits.PerAddress > 0 && from != "" {
		ops = append(ops, c.store.Count("address", from, limits.Window, now, &perAddress))
	}
	if len(ops) == 0 {
		return Load{}, nil
	}
	if err := c.store.Do(ctx, ops...); err != nil {
		return Load{}, broken(err)
	}
	return Load{
		soft: over(perClient, limits.PerClient),
		full: over(total, limits.Total) || over(perAddress, limits.PerAddress),
	}, nil
}

func over(count, limit int64) bool { return limit > 0 && count > limit }

// uncount takes back a start that did not happen, so that one address that is
// refused cannot use up what everybody shares. Its own count stands.
func (c *Ceilings) uncount(ctx context.Context, client string) {
	limits, now := c.limits, c.now()
	var ops []storage.Op
	if limits.Total > 0 {
		ops = append(ops, c.store.Uncount("starts", "all", limits.Window, now))
	}
	if limits.PerClient > 0 {
		ops = append(ops, c.store.Uncount("client", client, limits.Window, now))
	}
	if err := c.store.Do(context.WithoutCancel(ctx), ops...); err != nil {
		event(ctx).Add(slog.String("uncount", err.Error()))
	}
}

// countPush counts what an address pushes as a client that has no secret:
// anybody could fill Redis in its name (RFC 9126 §2.3).
func (c *Ceilings) countPush(ctx context.Context, who *Client) error {
	limits, from := c.limits, address(ctx)
	if !who.IsPublic() || limits.PerAddress == 0 || from == "" {
		return nil
	}
	var pushes int64
	if err := c.store.Do(ctx, c.store.Count("pushes", from, limits.Window, c.now(), &pushes)); err != nil {
		return broken(err)
	}
	if over(pushes, limits.PerAddress) {
		return fail(http.StatusTooManyRequests, TemporarilyUnavailable, "Too many requests are pushed from this address; try again later.")
	}
	return nil
}
