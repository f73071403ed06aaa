package keys_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"itsme-bridge/keys"
)

const tokenLife, refreshEvery = 20 * time.Minute, 2 * time.Minute

// tightest is the least that Policy.Check lets through.
func tightest() keys.Policy {
	const maxAge = 10 * time.Minute
	return keys.Policy{Every: time.Hour, MaxAge: maxAge, Ahead: maxAge + refreshEvery + keys.Slack, Keep: tokenLife + keys.Slack}
}

func TestRotationIsInvisible(t *testing.T) {
	policy := tightest()
	if err := policy.Check(refreshEvery, tokenLife); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		outage time.Duration // how long a replica is cut off from Redis, again and again
	}{
		{"Redis there", 0},
		{"each replica cut off from Redis, by turns", 7 * time.Minute},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := runFleet(t, policy, row.outage, 20*time.Hour)
				if seen.kids < 18 || seen.checked < 4000 {
					t.Errorf("a weak test: %d keys, %d checks", seen.kids, seen.checked)
				}
				if seen.failed > 0 {
					t.Errorf("%d of %d checks failed over %d keys", seen.failed, seen.checked, seen.kids)
				}
			})
		})
	}
}

// The same world shows what Check protects from; otherwise the test above would show nothing.
func TestRotationIsVisibleUnderAPolicyThatCheckRefuses(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*keys.Policy)
	}{
		{"published too late", func(p *keys.Policy) { p.Ahead = time.Second }},
		{"gone too early", func(p *keys.Policy) { p.Keep = time.Minute }},
	} {
		t.Run(row.name, func(t *testing.T) {
			policy := tightest()
			row.change(&policy)
			if policy.Check(refreshEvery, tokenLife) == nil {
				t.Error("Check lets it through")
			}
			synctest.Test(t, func(t *testing.T) {
				if seen := runFleet(t, policy, 0, 5*time.Hour); seen.failed == 0 {
					t.Errorf("none of %d checks failed", seen.checked)
				}
			})
		})
	}
}

// tally is what all clients of a fleet saw together.
type tally struct {
	sync.Mutex
	seen                  map[string]bool
	kids, checked, failed int
}

func (s *tally) add(kid string, err error) {
	s.Lock()
	defer s.Unlock()
	s.checked++
	s.seen[kid] = true
	s.kids = len(s.seen)
	if errors.Is(err, errUnknownKid) {
		s.failed++
	}
}

// runFleet lets three replicas, whose clocks differ, sign for clients over a while.
func runFleet(t *testing.T, policy keys.Policy, outage, during time.Duration) *tally {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	cell, seen := new(memory), &tally{seen: make(map[string]bool)}
	var all sync.WaitGroup
	var rings []*keys.Ring
	for i, offset := range []time.Duration{-20 * time.Second, 0, 20 * time.Second} {
		line := &line{memory: cell}
		ring := keys.NewRing(line, []keys.Algorithm{keys.ES256}, policy, func() time.Time { return time.Now().Add(offset) })
		refresh(t, ring)
		rings = append(rings, ring)
		all.Go(func() {
			sleep(ctx, time.Duration(i)*refreshEvery/3) // never together
			ring.Run(ctx, refreshEvery, func(error) {})
		})
		if outage > 0 {
			all.Go(func() { interrupt(ctx, line, outage, uint64(i)) })
		}
	}
	for i := range uint64(3) {
		all.Go(func() { newClient(rings, seen, i).run(ctx, t) })
	}
	all.Wait()
	return seen
}

func interrupt(ctx context.Context, line *line, outage time.Duration, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 6))
	for sleep(ctx, time.Duration(chance.Int64N(int64(20*time.Minute)))) {
		line.setCut(true)
		sleep(ctx, outage)
		line.setCut(false)
		sleep(ctx, refreshEvery+time.Second)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// client logs in at any replica and checks the token with a JWKS from any other. It honours max-age to the letter: it neither
// asks early, nor again when a kid is unknown. Some tokens it checks once more with their last breath.
type client struct {
	rings  []*keys.Ring
	seen   *tally
	chance *rand.Rand
	jwks   jose.JSONWebKeySet
	until  time.Time
	aging  []aging
}

type aging struct {
	token string
	dies  time.Time
}

func newClient(rings []*keys.Ring, seen *tally, seed uint64) *client {
	return &client{rings: rings, seen: seen, chance: rand.New(rand.NewPCG(seed, 7))}
}

func (c *client) run(ctx context.Context, t *testing.T) {
	t.Helper()
	for sleep(ctx, time.Duration(c.chance.Int64N(int64(90*time.Second)))) {
		token, err := c.any().Sign(ctx, keys.ES256, []byte(`{"sub":"somebody"}`))
		if err != nil {
			t.Error(err)
			return
		}
		c.check(t, token)
		if c.chance.IntN(5) == 0 {
			c.aging = append(c.aging, aging{token, time.Now().Add(tokenLife)})
		}
		for len(c.aging) > 0 && time.Until(c.aging[0].dies) <= 90*time.Second {
			c.check(t, c.aging[0].token)
			c.aging = c.aging[1:]
		}
	}
}

func (c *client) check(t *testing.T, token string) {
	t.Helper()
	if !time.Now().Before(c.until) {
		document := c.any().JWKS()
		c.until = time.Now().Add(document.MaxAge.Truncate(time.Second))
		c.jwks = jose.JSONWebKeySet{}
		if err := json.Unmarshal(document.Body, &c.jwks); err != nil {
			t.Error(err)
		}
	}
	kid, _, err := checkWith(token, c.jwks)
	if err != nil && !errors.Is(err, errUnknownKid) {
		t.Error(err)
	}
	c.seen.add(kid, err)
}

func (c *client) any() *keys.Ring { return c.rings[c.chance.IntN(len(c.rings))] }
