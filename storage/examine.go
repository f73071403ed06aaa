package storage

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Examiner asks a Redis what it is and what it lets us do, for whoever looks after it.
// It changes nothing but one key, which is gone in seconds.
type Examiner struct {
	*Store
	options Options
}

// Examine makes an examiner. It connects when it is first used.
func Examine(o Options, k Keyring) (*Examiner, error) {
	s, err := Open(o, k)
	if err != nil {
		return nil, err
	}
	return &Examiner{s, o}, nil
}

// Format prints nothing of the passwords inside.
func (*Examiner) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "storage.Examiner") }

// Pings are the round trips of n pings, one after the other, the shortest first.
func (x *Examiner) Pings(ctx context.Context, n int, now func() time.Time) ([]time.Duration, error) {
	took := make([]time.Duration, 0, n)
	for i := range n + 1 { // the first connects
		began := now()
		if err := x.Ping(ctx); err != nil {
			return nil, err
		}
		if i > 0 {
			took = append(took, now().Sub(began))
		}
	}
	slices.Sort(took)
	return took, nil
}

// Time is what Redis's clock says.
func (x *Examiner) Time(ctx context.Context) (time.Time, error) {
	at, err := x.redis.Time(ctx).Result()
	if err != nil {
		return at, unavailable("time", err)
	}
	return at, nil
}

// Foreign looks at no more than a number of keys and says how many of those that begin
// with the prefix are not of the form that the bridge gives its own.
func (x *Examiner) Foreign(ctx context.Context, most int) (seen, foreign int, err error) {
	const step = 500
	var mu sync.Mutex
	err = x.everyMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		for cursor, looked := uint64(0), 0; looked < most; looked += step {
			found, next, err := c.Scan(ctx, cursor, globbed(x.prefix)+"*", step).Result()
			if err != nil {
				return unavailable("scan", err)
			}
			mu.Lock()
			for _, key := range found {
				seen++
				if rest := strings.TrimPrefix(key, x.prefix); !strings.Contains(rest, ":{") || !strings.HasSuffix(rest, "}") {
					foreign++
				}
			}
			mu.Unlock()
			if cursor = next; cursor == 0 {
				break
			}
		}
		return nil
	})
	return seen, foreign, err
}

// globbed is a prefix that a pattern of Redis takes as it is.
func globbed(prefix string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(prefix)
}

// everyMaster calls f with each server that takes our writes.
func (x *Examiner) everyMaster(ctx context.Context, f func(context.Context, *redis.Client) error) error {
	switch c := x.redis.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, f)
	case *redis.Client:
		return f(ctx, c)
	}
	return failed("examine", fmt.Errorf("%T is no client of ours", x.redis))
}

// Sentinel is what one sentinel says of our master.
type Sentinel struct {
	Address  string
	Err      error  // why it says nothing; the rest is empty then
	Master   string // host:port
	Down     bool   // it takes the master for down
	Others   string // how many other sentinels it knows, as it writes it
	Replicas string // how many replicas of the master
	Quorum   error  // why the sentinels could not agree on another master; nil: they could
}

// Sentinels asks each sentinel that is configured; there are none in another mode.
func (x *Examiner) Sentinels(ctx context.Context) []Sentinel {
	if x.mode != "sentinel" {
		return nil
	}
	found := make([]Sentinel, len(x.options.Addresses))
	var asking sync.WaitGroup
	for i, address := range x.options.Addresses {
		asking.Go(func() { found[i] = x.sentinel(ctx, address) })
	}
	asking.Wait()
	return found
}

func (x *Examiner) sentinel(ctx context.Context, address string) Sentinel {
	o := x.options
	c := redis.NewSentinelClient(&redis.Options{
		Addr: address, Dialer: o.Dial, TLSConfig: o.TLS, Username: o.SentinelUsername, Password: o.SentinelPassword,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DialTimeout: cmp.Or(o.DialTimeout, usualTimeout),
		ReadTimeout: cmp.Or(o.ReadTimeout, usualTimeout), WriteTimeout: cmp.Or(o.WriteTimeout, usualTimeout),
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: quiet(),
	})
	defer func() { _ = c.Close() }()
	said, err := c.Master(ctx, o.MasterName).Result()
	if err != nil {
		return Sentinel{Address: address, Err: unavailable("sentinel", err)}
	}
	s := Sentinel{
		Address: address, Master: said["ip"] + ":" + said["port"], Others: said["num-other-sentinels"], Replicas: said["num-slaves"],
		Down: strings.Contains(said["flags"], "down"),
	}
	if err := c.CkQuorum(ctx, o.MasterName).Err(); err != nil {
		s.Quorum = unavailable("sentinel", err)
	}
	return s
}

// Parts is what a Cluster says of itself.
type Parts struct {
	State   string // ok, fail
	Served  int    // slots that somebody serves, of 16384
	Masters int
	Alone   int // masters without a replica
}

// Parts asks a Cluster how it is.
func (x *Examiner) Parts(ctx context.Context) (Parts, error) {
	info, err := x.redis.ClusterInfo(ctx).Result()
	if err != nil {
		return Parts{}, unavailable("cluster", err)
	}
	facts := factsOf(info)
	p := Parts{State: facts["cluster_state"], Served: int(facts.number("cluster_slots_ok"))}
	slots, err := x.redis.ClusterSlots(ctx).Result()
	if err != nil {
		return Parts{}, unavailable("cluster", err)
	}
	replicated := map[string]bool{}
	for _, s := range slots {
		if len(s.Nodes) > 0 {
			replicated[s.Nodes[0].ID] = len(s.Nodes) > 1
		}
	}
	for _, yes := range replicated {
		p.Masters++
		if !yes {
			p.Alone++
		}
	}
	return p, nil
}
