package ceilings

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// Limits are the ceilings. A transaction is money. Each counts
// starts within one window, and by itself what strangers push and make us fetch.
// Zero means no limit.
type Limits struct {
	Window     time.Duration
	PerAddress int64 // of one IPv4 /32 or IPv6 /64, and four times that of an IPv6 /56; above it the person must wait
	PerClient  int64 // soft: above it the person is asked to click before a transaction starts
	Total      int64 // above it nobody starts one until the window is over
}

// Ceilings count starts in Redis, for all replicas together, and calls of clients in memory.
type Ceilings struct {
	limits Limits
	store  *storage.Store
	now    func() time.Time
	blind  blind
	counts *reached

	strangers blind // likewise, of what strangers push and make us fetch
	callers   callers
}

// New counts in a store, and what was above a ceiling in a metric. Without a registerer that counts for nobody.
func New(limits Limits, store *storage.Store, registerer prometheus.Registerer, now func() time.Time) (*Ceilings, error) {
	c := &Ceilings{limits: limits, store: store, now: now, counts: newReached(), callers: newCallers()}
	return c, edge.Register(registerer, c.counts.total)
}

// Load is how the ceilings stand after one more start has been counted.
type Load struct {
	Soft bool // the client is above its soft ceiling: ask the person first
	Full bool // this address, or everybody together, is above a hard one
}

// Start is a start of a login that is counted. What is taken back of it is so in the window
// in which it was counted.
type Start struct {
	Client, Login string
	At            time.Time
}

// Count counts a start of a login against the ceilings, in one pipeline together with
// whatever else must be read, and with a note of it, which fails by itself alone (nil:
// none). A limit of zero does not count. Whoever then does not start a transaction takes
// back what concerns others: see [Ceilings.Uncount].
//
// It fails where Redis would not take the login: nobody pays for a transaction that
// cannot be kept. In a Cluster the counters are on other nodes than the login, and one
// that is not there does not stop people, up to a bound: see blind.
func (c *Ceilings) Count(ctx context.Context, s Start, note storage.Op, more ...storage.Op) (Load, error) {
	limits := c.limits
	counters := [...]counter{
		{limit: limits.Total, name: "starts", subject: "all", ceiling: total},
		{limit: limits.PerClient, name: "client", subject: s.Client, ceiling: ofClient},
		{limit: limits.PerAddress, name: "address", subject: edge.Address(ctx), ceiling: address},
		{limit: limits.PerAddress * networks, name: "line", subject: edge.Line(ctx), ceiling: line},
	}
	ops, counted := more, 0
	for i := range counters {
		if n := &counters[i]; n.limit > 0 && n.subject != "" {
			ops = append(ops, storage.Forgiving(c.store.Count(n.name, n.subject, limits.Window, s.At, &n.sum), &n.missing))
			counted++
		}
	}
	if len(more) == 0 && (counted == 0 || c.store.Spread()) {
		ops = append(ops, c.store.TakesWrites(s.Login))
	}
	if note != nil {
		ops = append(ops, note)
	}
	if err := c.store.Do(ctx, ops...); err != nil {
		return Load{}, oauth.Broken(err)
	}
	for i := range counters {
		if n := &counters[i]; n.over() {
			c.counts.reached(n.ceiling)
		}
	}
	for i := range counters {
		n := &counters[i]
		if n.missing == nil {
			continue
		}
		edge.EventOf(ctx).Add(slog.String("uncounted", n.name))
		if !c.blind.admits(limits, c.now()) {
			return Load{}, oauth.Broken(n.missing)
		}
		break
	}
	return Load{
		Soft: counters[1].over(),
		Full: counters[0].over() || counters[2].over() || counters[3].over(),
	}, nil
}

// networks is how many IPv6 networks (/64) one line (/56) may use up the ceilings of:
// it commonly has 256 of them, and some lines have many people.
const networks = 4

// counter is one ceiling, and how a start stands to it.
type counter struct {
	limit         int64
	name, subject string
	ceiling       string // as the metric calls it
	sum           int64
	missing       error // why it could not be counted
}

func (n *counter) over() bool { return over(n.sum, n.limit) }

// Rest is how long the present window still is: who is above a ceiling waits for its end.
func (c *Ceilings) Rest() time.Duration {
	window := c.limits.Window.Milliseconds()
	if window < 1 {
		return 0
	}
	return time.Duration(window-c.now().UnixMilli()%window) * time.Millisecond
}

func over(count, limit int64) bool { return limit > 0 && count > limit }

// Uncount takes back a start that did not happen, so that one address that is
// refused cannot use up what everybody shares. Its own count stands. A note of it may go
// along (nil: none). Not ok: Redis did not do it, or nobody knows.
func (c *Ceilings) Uncount(ctx context.Context, s Start, note storage.Op) (ok bool) {
	return c.takeBack(ctx, s, note)
}

// Unasked is Uncount of a start that CM was not asked for: it was not the address that
// was refused, so its own count is taken back, too.
func (c *Ceilings) Unasked(ctx context.Context, s Start, note storage.Op) (ok bool) {
	var own []storage.Op
	for name, subject := range map[string]string{"address": edge.Address(ctx), "line": edge.Line(ctx)} {
		if c.limits.PerAddress > 0 && subject != "" {
			own = append(own, c.store.Uncount(name, subject, c.limits.Window, s.At))
		}
	}
	return c.takeBack(ctx, s, note, own...)
}

func (c *Ceilings) takeBack(ctx context.Context, s Start, note storage.Op, ops ...storage.Op) (ok bool) {
	limits := c.limits
	if note != nil {
		ops = append(ops, note)
	}
	if limits.Total > 0 {
		ops = append(ops, c.store.Uncount("starts", "all", limits.Window, s.At))
	}
	if limits.PerClient > 0 {
		ops = append(ops, c.store.Uncount("client", s.Client, limits.Window, s.At))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := c.store.Do(ctx, ops...); err != nil {
		edge.EventOf(ctx).Add(slog.String("uncount", err.Error()))
		return false
	}
	return true
}
