package provider

import (
	"context"

	"itsme-bridge/storage"
)

// load is how the ceilings stand after one more start has been counted.
type load struct {
	soft bool // the client is above its soft ceiling: ask the person first
	full bool // this address, or everybody together, is above a hard one
}

// count counts a start against the ceilings, in one pipeline together with
// whatever else must be read. A limit of zero does not count.
func (p *Provider) count(ctx context.Context, c *Client, more ...storage.Op) (load, error) {
	limits, now := p.config.Limits, p.now()
	var total, perClient, perAddress int64
	ops := more
	if limits.Total > 0 {
		ops = append(ops, p.store.Count("starts", "all", limits.Window, now, &total))
	}
	if limits.PerClient > 0 {
		ops = append(ops, p.store.Count("client", c.ID, limits.Window, now, &perClient))
	}
	if from := address(ctx); limits.PerAddress > 0 && from != "" {
		ops = append(ops, p.store.Count("address", from, limits.Window, now, &perAddress))
	}
	if len(ops) == 0 {
		return load{}, nil
	}
	if err := p.store.Do(ctx, ops...); err != nil {
		return load{}, unavailable(err)
	}
	return load{
		soft: limits.PerClient > 0 && perClient > limits.PerClient,
		full: over(total, limits.Total) || over(perAddress, limits.PerAddress),
	}, nil
}

func over(count, limit int64) bool { return limit > 0 && count > limit }
