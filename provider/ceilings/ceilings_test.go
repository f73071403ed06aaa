package ceilings_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/storage"
	"itsme-bridge/storage/storagetest"
)

// A dead node of a Cluster, which has the counter of all starts in this window, stops
// nobody, up to a bound; the other ceilings hold. A login that would be on the dead node
// begins no transaction.
func TestACounterThatIsNotThere(t *testing.T) {
	nodes := storagetest.StartNodes(t)
	store, now := nodes.Store(t), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	on := func(master int) string {
		for {
			if id := storage.NewHandle().ID(); nodes.MasterOf(t, id) == master {
				return id
			}
		}
	}
	alive, dead := on(1), on(2)
	limits := ceilings.Limits{Window: time.Minute, Total: 30, PerAddress: 1}
	c, err := ceilings.New(limits, store, nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	ctx := edge.WithAddress(httptest.NewRequest("GET", "/", nil), netip.MustParseAddr("192.0.2.1")).Context()
	if load, err := c.Count(ctx, ceilings.Start{Client: "app", Login: alive, At: now}, nil); err != nil || load != (ceilings.Load{}) {
		t.Fatalf("all is well: %+v, %v", load, err)
	}
	nodes.KillLast(t)
	// A window in which the total is counted on the dead node, and the address is not.
	for ; ; now = now.Add(limits.Window) {
		var n int64
		total := store.Do(ctx, store.Count("starts", "all", limits.Window, now, &n))
		if total != nil && store.Do(ctx, store.Count("address", edge.Address(ctx), limits.Window, now, &n)) == nil {
			break
		}
	}
	if _, err := c.Count(ctx, ceilings.Start{Client: "app", Login: dead, At: now}, nil); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("a login that could not be kept: %v", err)
	}
	for n := 1; n <= 3; n++ { // a tenth of the total
		load, err := c.Count(ctx, ceilings.Start{Client: "app", Login: alive, At: now}, nil)
		if err != nil || !load.Full { // by the address, which was counted before
			t.Errorf("start %d: %+v, %v", n, load, err)
		}
	}
	if _, err := c.Count(ctx, ceilings.Start{Client: "app", Login: alive, At: now}, nil); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("one more: %v", err)
	}
	now = now.Add(limits.Window)
	for store.Do(ctx, store.Count("starts", "all", limits.Window, now, new(int64))) == nil {
		now = now.Add(limits.Window)
	}
	if _, err := c.Count(t.Context(), ceilings.Start{Client: "app", Login: alive, At: now}, nil); err != nil {
		t.Errorf("in another window: %v", err)
	}
}

// Likewise for what is pushed by clients without a secret: a dead node that counts all
// pushes refuses nobody, up to the same bound.
func TestACounterOfStrangersThatIsNotThere(t *testing.T) {
	nodes := storagetest.StartNodes(t)
	store, now := nodes.Store(t), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	limits := ceilings.Limits{Window: time.Minute, Total: 30, PerClient: 100}
	c, err := ceilings.New(limits, store, nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	ctx := edge.WithAddress(httptest.NewRequest("POST", "/", nil), netip.MustParseAddr("192.0.2.1")).Context()
	page := &client.Client{AuthMethod: client.None}
	page.ID = "page"
	if err := c.CountPush(ctx, page); err != nil {
		t.Fatalf("all is well: %v", err)
	}
	nodes.KillLast(t)
	// A window in which the total is counted on the dead node, and the client is not.
	counted := func(name, subject string) bool {
		return store.Do(ctx, store.Count(name, subject, limits.Window, now, new(int64))) == nil
	}
	for counted("pushes-total", "all") || !counted("pushes-client", page.ID) {
		now = now.Add(limits.Window)
	}
	for n := 1; n <= 3; n++ { // a tenth of the total
		if err := c.CountPush(ctx, page); err != nil {
			t.Errorf("push %d: %v", n, err)
		}
	}
	if err := c.CountPush(ctx, page); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("one more: %v", err)
	}
	if err := c.CountPush(ctx, &client.Client{AuthMethod: client.ClientSecretBasic}); err != nil {
		t.Errorf("a client with a secret is not counted: %v", err)
	}
}

// What is taken back late is so in the window in which it was counted, and the next one is as it was.
func TestWhatIsTakenBackInAnotherWindow(t *testing.T) {
	for _, row := range []struct {
		name string
		back func(*ceilings.Ceilings, context.Context, ceilings.Start) bool
		full bool // by the address that was counted
	}{
		{"a start that was refused", func(c *ceilings.Ceilings, ctx context.Context, s ceilings.Start) bool { return c.Uncount(ctx, s, nil) }, true},
		{"a start that was not asked", func(c *ceilings.Ceilings, ctx context.Context, s ceilings.Start) bool { return c.Unasked(ctx, s, nil) }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := storagetest.New(t)
			now := time.Date(2026, 11, 23, 9, 0, 59, 0, time.UTC)
			c, err := ceilings.New(ceilings.Limits{Window: time.Minute, PerAddress: 1, PerClient: 1, Total: 1}, w.Store, nil, func() time.Time { return now })
			if err != nil {
				t.Fatal(err)
			}
			from := func(address string) context.Context {
				return edge.WithAddress(httptest.NewRequest("GET", "/", nil), netip.MustParseAddr(address)).Context()
			}
			counts := func(address string) (ceilings.Start, ceilings.Load) {
				t.Helper()
				s := ceilings.Start{Client: "app", Login: storage.NewHandle().ID(), At: now}
				load, err := c.Count(from(address), s, nil)
				if err != nil {
					t.Fatal(err)
				}
				return s, load
			}
			first, _ := counts("192.0.2.1")
			now = now.Add(2 * time.Second)
			counts("192.0.2.1") // which happened
			if !row.back(c, from("192.0.2.1"), first) {
				t.Fatal("it was not taken back")
			}
			if _, load := counts("192.0.2.1"); !load.Full || !load.Soft {
				t.Errorf("a start of this window was taken back: %+v", load)
			}
			now = now.Add(-2 * time.Second)
			if _, load := counts("192.0.2.1"); load.Full != row.full || load.Soft {
				t.Errorf("the start of the window before was not: %+v", load)
			}
		})
	}
}
