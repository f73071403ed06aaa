package storagetest

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"itsme-bridge/storage"
)

// Prefix is what every key of a world begins with.
const Prefix = "test:"

// began is when every world begins.
var began = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// World is a Redis with a store on it, and the time there.
type World struct {
	Store *storage.Store

	mode   string
	entry  string // where stores begin: Redis, a node or a sentinel
	server string // where Redis is: host:port or the path of a socket
	direct redis.UniversalClient
	mini   *miniredis.Miniredis // nil: a real one
	wire   *wire
	faults *Faults
	relay  func() string

	mu     sync.Mutex
	now    time.Time
	passed time.Time // until when the real clock has passed here; zero: it does not
}

// New makes a world with a Redis in this process. Time passes only by Advance.
func New(t testing.TB) *World {
	t.Helper()
	mini := miniredis.NewMiniRedis()
	if err := mini.Start(); err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(mini.Close)
	mini.SetTime(began)
	return newWorld(t, "single", mini.Addr(), mini.Addr(), mini)
}

// Real makes a world with a redis-server of its own, without persistence, on a
// socket. Lifetimes pass there by themselves, too. Without the binary the test is
// skipped, or fails when CI=true.
func Real(t testing.TB) *World {
	t.Helper()
	server := startRedis(t)
	return newWorld(t, "single", server, server, nil)
}

// Cluster makes a world with a real Cluster of one node, which refuses scripts over
// several slots. It needs two seconds to start.
func Cluster(t testing.TB) *World {
	t.Helper()
	node := startCluster(t)
	return newWorld(t, "cluster", node, node, nil)
}

// Sentinel makes a world with a real Redis that stores find by a sentinel.
func Sentinel(t testing.TB) *World {
	t.Helper()
	sentinel, server := startSentinel(t)
	return newWorld(t, "sentinel", sentinel, server, nil)
}

func newWorld(t testing.TB, mode, entry, server string, mini *miniredis.Miniredis) *World {
	t.Helper()
	w := &World{mode: mode, entry: entry, server: server, mini: mini, now: began, wire: newWire()}
	w.faults = &Faults{wire: w.wire}
	w.relay = sync.OnceValue(func() string { return startRelay(t, w.wire, server) })
	w.direct = redis.NewClient(&redis.Options{
		Network: networkOf(server), Addr: server, Protocol: 2, DisableIdentity: true, PipelinePoolSize: -1,
	})
	t.Cleanup(func() {
		w.check(t)
		_ = w.direct.Close()
	})
	w.Store = w.Another(t)
	return w
}

// Another is a second replica's own client on the same Redis, with the same keys.
// What it sends is counted, and fails, with the rest.
func (w *World) Another(t testing.TB) *storage.Store {
	t.Helper()
	keys := storage.NewKeyring(storage.NewKey())
	if w.Store != nil {
		keys = w.Store.Keyring()
	}
	return w.With(t, keys)
}

// With is a store with other keys on the same Redis.
func (w *World) With(t testing.TB, keys storage.Keyring) *storage.Store {
	t.Helper()
	s, err := storage.Open(storage.Options{
		Mode: w.mode, Addresses: []string{w.entry}, MasterName: "main", Prefix: Prefix, Dial: w.wire.dial,
	}, keys)
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Now is the time in this world.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.catchUp()
	return w.now
}

// Pass lets the clock of a Redis in this process go as the real one does, from now on.
// It is never late, however busy the machine is: whoever reads it, or sends something
// to Redis, finds that as much time has passed here as there.
func (w *World) Pass() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed = time.Now()
	w.wire.look(func() { _ = w.Now() })
}

// catchUp moves the clock by what has really passed since the last time.
func (w *World) catchUp() {
	if w.passed.IsZero() {
		return
	}
	d := time.Since(w.passed)
	w.passed = w.passed.Add(d)
	w.advance(d)
}

// Advance moves the clock, and the lifetime of every key.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance(d)
}

func (w *World) advance(d time.Duration) {
	w.now = w.now.Add(d)
	if w.mini != nil {
		w.mini.SetTime(w.now)
		w.mini.FastForward(d)
		return
	}
	for _, key := range w.keys() {
		left := w.direct.PTTL(context.Background(), key).Val()
		switch {
		case left < 0: // none, or gone meanwhile
		case left <= d:
			w.direct.Del(context.Background(), key)
		default:
			w.direct.PExpire(context.Background(), key, left-d)
		}
	}
}

// Address is where others reach this world's Redis, as host:port. Faults and counts
// hold for them too. A Cluster's address is its own, without faults.
func (w *World) Address() string {
	if w.mode == "cluster" {
		return w.server
	}
	return w.relay()
}

// Redis is a client that is not counted and knows no faults, for a look behind the
// scenes and to put things there.
func (w *World) Redis() redis.UniversalClient { return w.direct }

// Faults are what can go wrong between the stores and Redis.
func (w *World) Faults() *Faults { return w.faults }

// Roundtrips is how many pipelines and single commands were sent to Redis since the
// last reset. The greetings of a new connection do not count.
func (w *World) Roundtrips() int { return len(w.wire.sent()) }

// ResetRoundtrips begins to count anew.
func (w *World) ResetRoundtrips() { w.wire.reset() }

// Commands are the names of what was sent since the last reset, in small letters;
// those of a pipeline are joined: "set+get+eval".
func (w *World) Commands() []string { return w.wire.sent() }

// Records are the kinds of records that stores have written since the last reset, each
// with the longest lifetime that one of them has now; -1 for a kind of which none is left.
func (w *World) Records() map[string]time.Duration {
	records := map[string]time.Duration{}
	for _, key := range w.wire.scripted() {
		records[kindOf(key)] = -1
	}
	for _, key := range w.keys() {
		kind := kindOf(key)
		records[kind] = max(records[kind], w.direct.PTTL(context.Background(), key).Val())
	}
	return records
}

// kindOf is what the key of a record says of it, between the prefix and what makes it one
// of its kind.
func kindOf(key string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(key, Prefix), ":")
	return strings.TrimRight(kind, "-0123456789") // tally-2026-11
}

// Dump is every key and value as Redis holds it; of what is no string, all
// fields, values and members, a line each.
func (w *World) Dump() map[string][]byte {
	dump := map[string][]byte{}
	for _, key := range w.keys() {
		if value, ok := w.held(key); ok {
			dump[key] = value
		}
	}
	return dump
}

// held is a value; not ok if it has expired meanwhile.
func (w *World) held(key string) ([]byte, bool) {
	ctx := context.Background()
	if value, err := w.direct.Get(ctx, key).Bytes(); err == nil {
		return value, true
	}
	fields, _ := w.direct.HGetAll(ctx, key).Result() // of another kind: empty
	members, _ := w.direct.ZRange(ctx, key, 0, -1).Result()
	items, _ := w.direct.LRange(ctx, key, 0, -1).Result()
	all := slices.Concat(members, items)
	for name, value := range fields {
		all = append(all, name, value)
	}
	return []byte(strings.Join(all, "\n")), len(all) > 0
}

func (w *World) keys() []string {
	var keys []string
	for scan := w.direct.Scan(context.Background(), 0, "*", 1000).Iterator(); scan.Next(context.Background()); {
		keys = append(keys, scan.Val())
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// check is what holds at the end of every world.
func (w *World) check(t testing.TB) {
	t.Helper()
	for _, key := range w.keys() {
		if w.direct.PTTL(context.Background(), key).Val() == -1 { // -2: gone meanwhile
			t.Errorf("the key %s in Redis has no lifetime", key)
		}
	}
	for _, keys := range w.wire.crossed() {
		t.Errorf("a script used keys of several slots: %q", keys)
	}
}

func networkOf(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return "unix"
	}
	return "tcp"
}
