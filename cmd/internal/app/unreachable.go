package app

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"itsme-bridge/cmd/internal/config"
)

// Lookup is what the network says of a name. net.Resolver.LookupNetIP is one.
type Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// lookupPatience is how long the names of a configuration may take together.
const lookupPatience = 3 * time.Second

// Unreachable are the addresses of clients whose names lead to where the bridge does
// not ask anybody. What cannot be looked up from here is not spoken of: the bridge
// may run elsewhere.
func Unreachable(ctx context.Context, c *config.Config, lookup Lookup) []config.Problem {
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	asked := c.Asked()
	found := make([][]netip.Addr, len(asked))
	var looking sync.WaitGroup
	turn := make(chan struct{}, 16)
	for i, a := range asked {
		turn <- struct{}{}
		looking.Go(func() {
			defer func() { <-turn }()
			found[i], _ = lookup(ctx, "ip", a.Host)
		})
	}
	looking.Wait()
	var problems []config.Problem
	for i, a := range asked {
		if problem, forbidden := a.Forbidden(found[i]); forbidden {
			problems = append(problems, problem)
		}
	}
	return problems
}
