package keys_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"itsme-bridge/keys"
)

var errAway = errors.New("away")

// memory is a Cell in memory, shared by the replicas of a test.
type memory struct {
	mu       sync.Mutex
	data     []byte
	revision int
	swaps    int
}

func (m *memory) Load(context.Context) (data []byte, revision string, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data, strconv.Itoa(m.revision), m.data != nil, nil
}

func (m *memory) Swap(_ context.Context, revision string, data []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.data == nil && revision != "" || m.data != nil && revision != strconv.Itoa(m.revision) {
		return false, nil
	}
	m.data, m.revision, m.swaps = data, m.revision+1, m.swaps+1
	return true, nil
}

// restore puts an earlier value back, as a failover does that lost the last writes; nil: everything is lost.
func (m *memory) restore(data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data, m.revision = data, m.revision+1
}

func (m *memory) content() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data
}

func (m *memory) written() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.swaps
}

// line is one replica's connection to the memory. It can be cut, lose a reply, lag, and let somebody else in first.
type line struct {
	*memory

	mu        sync.Mutex
	cut       bool
	loseReply bool   // of the next Swap
	stale     []byte // what Load answers instead, if not nil
	before    func() // runs before each Swap
	loads     int
}

func (l *line) Load(ctx context.Context) (data []byte, revision string, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loads++
	if l.cut {
		return nil, "", false, errAway
	}
	if l.stale != nil {
		return l.stale, "0", true, nil
	}
	return l.memory.Load(ctx)
}

func (l *line) Swap(ctx context.Context, revision string, data []byte) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false, errAway
	}
	if l.before != nil {
		l.before()
	}
	ok, err := l.memory.Swap(ctx, revision, data)
	if l.loseReply {
		l.loseReply = false
		return false, errAway
	}
	return ok, err
}

func (l *line) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
}

func (l *line) loaded() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loads
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a deployment: one memory, one clock, replicas on request.
type world struct {
	clock
	memory
	policy keys.Policy
}

func newWorld() *world {
	return &world{clock: clock{now: start}, policy: keys.DefaultPolicy(time.Hour)}
}

// replica is a ring of ES256 (its keys are made in no time) and its line to the memory.
func (w *world) replica() (*keys.Ring, *line) {
	l := &line{memory: &w.memory}
	return keys.NewRing(l, []keys.Algorithm{keys.ES256}, w.policy, w.Now), l
}

func refresh(t *testing.T, rings ...*keys.Ring) {
	t.Helper()
	for _, ring := range rings {
		if err := ring.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
