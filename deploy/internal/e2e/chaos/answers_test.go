//go:build products && chaos

package chaos_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"itsme-bridge/storage/storagetest"
)

const answersHeading = `One login each. Redis carries out what it is sent, and every answer is cut off, from one call on until the bridge has answered the request:

| Redis | from | and its call of Redis | which Redis gets | at most | ends | approvals |
|---|---|---|---|---|---|---|
`

// TestAnswersAreCut has a Redis carry out what it is sent and its answers be lost, from
// each call of a login on until the bridge has answered the request. What may have been
// carried out is sent again as often as the bridge decides: a look at a login once more,
// and a write after pauses that grow to half a second. go-redis, which knows nothing of it,
// sends nothing again; but in a Cluster it does, three times, what does no harm.
func TestAnswersAreCut(t *testing.T) {
	t.Parallel()
	redis := map[string]func(*testing.T) (*world, *storagetest.Faults){"one": behindRelay, "Cluster": clusterOfOne}
	lines := newTable(2 * maxCalls)
	t.Cleanup(func() { lines.write(t, answersHeading) })
	line := 0
	for _, mode := range []string{"one", "Cluster"} {
		for n := range callsOfRedis(t, redis[mode]) {
			at := line
			line++
			t.Run(fmt.Sprintf("%s, from %d on", mode, n+1), func(t *testing.T) {
				t.Parallel()
				w, faults := redis[mode](t)
				c := &cuts{faults: faults, from: n + 1, cluster: mode == "Cluster"}
				c.run(t, w)
				end, p := c.end, c.person
				lines.line(at, "| %s | %s | %d (%s) | %d times | %d | %s | %d |", mode, returnPath(c.path), c.from, c.sent[0], c.times(), c.most(), end, p.approvals)
			})
		}
	}
}

// maxCalls is more than one login makes.
const maxCalls = 100

// callsOfRedis is how many there are in a login without a fault.
func callsOfRedis(t *testing.T, redis func(*testing.T) (*world, *storagetest.Faults)) int {
	t.Helper()
	w, faults := redis(t)
	faults.Reset()
	p := w.person(0)
	p.quick = true
	if end := p.login(t.Context()); end != completed {
		t.Fatalf("a login without a fault:\n%s", strings.Join(p.story, "\n"))
	}
	return len(faults.Sent())
}

// cuts is what is seen of answers that are cut off.
type cuts struct {
	faults  *storagetest.Faults
	from    int // which call of Redis
	cluster bool
	person  *person
	end     ending

	mu    sync.Mutex
	calls int           // of Redis, for the requests before
	first bool          // the call is the first one of its request: a look, and no write
	sent  []string      // to Redis, from that call on until the request was answered
	path  string        // of the request
	began time.Time     // the first cut cannot have been before
	took  time.Duration // until the request was answered
}

// answered looks at an answer on its way to the person. The first one since the cuts
// began ends them.
func (c *cuts) answered(path string, body []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent := c.faults.Sent()
	switch {
	case c.sent != nil:
	case len(sent) < c.from:
		c.calls, c.began = len(sent), time.Now()
	default:
		c.faults.Forget()
		c.sent, c.path, c.took = sent[c.from-1:], path, time.Since(c.began)
		c.first = c.calls == c.from-1 && c.sent[0] != "eval" // which is a write, and may come after the answer
	}
	return body
}

// times is how often Redis got the first of what was cut.
func (c *cuts) times() (n int) {
	for _, what := range c.sent {
		if what == c.sent[0] {
			n++
		}
	}
	return n
}

// most is how often it may.
func (c *cuts) most() int {
	switch {
	case c.first && c.cluster && !strings.HasPrefix(c.path, "/authorize"):
		return 2 * 4 // nothing is counted
	case c.first:
		return 2
	default: // there may be two writes
		return 2 * (6 + int(c.took/(500*time.Millisecond)))
	}
}

func (c *cuts) run(t *testing.T, w *world) {
	t.Helper()
	c.person = w.person(0)
	c.person.quick = true
	w.balancer.spoil = c.answered
	c.faults.Reset()
	for k := range 10 * maxCalls {
		c.faults.DropReply(c.from + k)
	}
	c.began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c.end = c.person.login(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) == 0 {
		t.Fatalf("nothing was cut:\n%s", strings.Join(c.person.story, "\n"))
	}
	if c.times() > c.most() {
		t.Errorf("Redis got %s %d times in %v, want %d at most:\n%v", c.sent[0], c.times(), c.took, c.most(), c.sent)
	}
	if c.end != completed && (c.end != ledOn || c.path != "/token") { // the code is spent, and nobody has its tokens
		t.Errorf("it ends %s:\n%s", c.end, strings.Join(c.person.story, "\n"))
	}
}

// counted is a configuration with ceilings, that nobody here reaches.
func counted() []string {
	return []string{"per_address: 0, per_client: 0", "per_address: 100, per_client: 100"}
}

func behindRelay(t *testing.T) (*world, *storagetest.Faults) {
	t.Helper()
	address, faults := storagetest.Relay(t, startRedis(t).address)
	return start(t, 1, single(address), counted()...), faults
}

// clusterOfOne is a Cluster that has one node, which names the relay before it as its own
// address.
func clusterOfOne(t *testing.T) (*world, *storagetest.Faults) {
	t.Helper()
	port := freePort(t)
	address, faults := storagetest.Relay(t, net.JoinHostPort("127.0.0.1", port))
	_, announced, _ := net.SplitHostPort(address)
	node := runServer(t, "redis-server", port, "--bind", "127.0.0.1", "--port", port, "--save", "", "--cluster-enabled", "yes",
		"--cluster-announce-ip", "127.0.0.1", "--cluster-announce-port", announced)
	if err := node.client.Do(context.Background(), "cluster", "addslotsrange", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	within(t, "the Cluster stands", func() bool {
		return strings.Contains(node.client.ClusterInfo(context.Background()).Val(), "cluster_state:ok")
	})
	settings := fmt.Sprintf("{mode: cluster, addresses: [%q]}", address)
	return start(t, 1, func(int) string { return settings }, counted()...), faults
}
