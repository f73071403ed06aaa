package ceilings

import (
	"context"
	"log/slog"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// CountPush counts what is pushed by clients that have no secret: anybody could
// fill Redis in their name (RFC 9126 §2.3). There are as many pushes as starts for
// one address, for one client and for all of them, each counted by itself.
func (c *Ceilings) CountPush(ctx context.Context, who *client.Client) error {
	if !who.IsPublic() {
		return nil
	}
	now := c.now()
	pushes := c.ofCaller(ctx, "pushes", pushesOfAddress, pushesOfLine)
	shared := []tally{
		{name: "pushes-client", subject: who.ID, limit: c.limits.PerClient, ceiling: pushesOfClient, said: "by this client"},
		{name: "pushes-total", subject: "all", limit: c.limits.Total, ceiling: pushesOfAll, said: "by clients without a secret"},
	}
	over, err := c.countAll(ctx, now, append(pushes, shared...))
	if err != nil || over == "" {
		return err
	}
	c.uncountAll(ctx, now, shared)
	return c.tooMany("Too many requests are pushed " + over + "; try again later.")
}

// CountFetch counts what an address makes us fetch of clients: request objects, by
// their address. There are as many as starts.
func (c *Ceilings) CountFetch(ctx context.Context) error {
	over, err := c.countAll(ctx, c.now(), c.ofCaller(ctx, "fetches", fetchesOfAddress, fetchesOfLine))
	if err != nil || over == "" {
		return err
	}
	return c.tooMany("Too many requests by reference come " + over + "; try again later.")
}

// tooMany refuses somebody until the window is over.
func (c *Ceilings) tooMany(description string) *oauth.Error {
	return late(description, c.Rest())
}

// tally is one ceiling, and what has been counted against it.
type tally struct {
	name, subject string
	limit         int64
	ceiling       string // as the metric calls it
	said          string // to whoever is above it
	count         int64
	missing       error // why it could not be counted
}

// ofCaller are the ceilings of whoever sends a request: of the address, and of its line.
func (c *Ceilings) ofCaller(ctx context.Context, name, ofAddress, ofLine string) []tally {
	return []tally{
		{name: name, subject: edge.Address(ctx), limit: c.limits.PerAddress, ceiling: ofAddress, said: "from this address"},
		{name: "line " + name, subject: edge.Line(ctx), limit: c.limits.PerAddress * networks, ceiling: ofLine, said: "from this address"},
	}
}

// counts reports whether there is anything to count.
func (t *tally) counts() bool { return t.limit > 0 && t.subject != "" }

// countAll counts one more of each, in one pipeline, and says of the first that is above its limit.
func (c *Ceilings) countAll(ctx context.Context, now time.Time, tallies []tally) (said string, err error) {
	var ops []storage.Op
	for i := range tallies {
		if t := &tallies[i]; t.counts() {
			ops = append(ops, storage.Forgiving(c.store.Count(t.name, t.subject, c.limits.Window, now, &t.count), &t.missing))
		}
	}
	if len(ops) == 0 {
		return "", nil
	}
	if err := c.store.Do(ctx, ops...); err != nil {
		return "", oauth.Broken(err)
	}
	for _, t := range tallies {
		if t.missing != nil && !c.strangers.admits(c.limits, now) {
			return "", oauth.Broken(t.missing)
		}
		if over(t.count, t.limit) {
			c.counts.reached(t.ceiling)
			return t.said, nil
		}
	}
	return "", nil
}

// uncountAll takes back what somebody who was refused had counted against others.
func (c *Ceilings) uncountAll(ctx context.Context, now time.Time, tallies []tally) {
	var ops []storage.Op
	for i := range tallies {
		if t := &tallies[i]; t.counts() {
			ops = append(ops, c.store.Uncount(t.name, t.subject, c.limits.Window, now))
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := c.store.Do(ctx, ops...); err != nil {
		edge.EventOf(ctx).Add(slog.String("uncount", err.Error()))
	}
}
