package provider

import (
	"context"
	"log/slog"
	"net/http"

	"itsme-bridge/storage"
)

// load is how the ceilings stand after one more start has been counted.
type load struct {
	soft bool // the client is above its soft ceiling: ask the person first
	full bool // this address, or everybody together, is above a hard one
}

// count counts a start against the ceilings, in one pipeline together with
// whatever else must be read. A limit of zero does not count. Whoever then does
// not start a transaction takes back what concerns others: see uncount.
func (p *Provider) count(ctx context.Context, client string, more ...storage.Op) (load, error) {
	limits, now := p.config.Limits, p.now()
	var total, perClient, perAddress int64
	ops := more
	if limits.Total > 0 {
		ops = append(ops, p.store.Count("starts", "all", limits.Window, now, &total))
	}
	if limits.PerClient > 0 {
		ops = append(ops, p.store.Count("client", client, limits.Window, now, &perClient))
	}
	if from := address(ctx); limits.PerAddress > 0 && from != "" {
		ops = append(ops, p.store.Count("address", from, limits.Window, now, &perAddress))
	}
	if len(ops) == 0 {
		return load{}, nil
	}
	if err := p.store.Do(ctx, ops...); err != nil {
		return load{}, broken(err)
	}
	return load{
		soft: over(perClient, limits.PerClient),
		full: over(total, limits.Total) || over(perAddress, limits.PerAddress),
	}, nil
}

func over(count, limit int64) bool { return limit > 0 && count > limit }

// uncount takes back a start that did not happen, so that one address that is
// refused cannot use up what everybody shares. Its own count stands.
func (p *Provider) uncount(ctx context.Context, client string) {
	limits, now := p.config.Limits, p.now()
	var ops []storage.Op
	if limits.Total > 0 {
		ops = append(ops, p.store.Uncount("starts", "all", limits.Window, now))
	}
	if limits.PerClient > 0 {
		ops = append(ops, p.store.Uncount("client", client, limits.Window, now))
	}
	if err := p.store.Do(context.WithoutCancel(ctx), ops...); err != nil {
		event(ctx).Add(slog.String("uncount", err.Error()))
	}
}

// countPush counts what an address pushes as a client that has no secret:
// anybody could fill Redis in its name (RFC 9126 §2.3).
func (p *Provider) countPush(ctx context.Context, client *Client) error {
	limits, from := p.config.Limits, address(ctx)
	if client.AuthMethod != None || limits.PerAddress == 0 || from == "" {
		return nil
	}
	var pushes int64
	if err := p.store.Do(ctx, p.store.Count("pushes", from, limits.Window, p.now(), &pushes)); err != nil {
		return broken(err)
	}
	if over(pushes, limits.PerAddress) {
		return fail(http.StatusTooManyRequests, temporarilyUnavailable, "Too many requests are pushed from this address; try again later.")
	}
	return nil
}
