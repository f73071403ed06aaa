package ceilings_test

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"itsme-bridge/provider/ceilings"
	"itsme-bridge/provider/edge"
	"itsme-bridge/storage/storagetest"
)

// from is a request from the address of a number.
func from(n int) context.Context {
	address := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	return edge.WithAddress(httptest.NewRequest("POST", "/token", nil), address).Context()
}

func callers(t *testing.T) (*ceilings.Ceilings, *storagetest.World) {
	t.Helper()
	world := storagetest.New(t)
	c, err := ceilings.New(ceilings.Limits{}, world.Store, nil, world.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c, world
}

// Who shows wrong secrets without end is told when it may go on, and then it may. Of
// another address, and in the name of another client, that is counted by itself.
func TestFailuresAreCounted(t *testing.T) {
	c, world := callers(t)
	for n := range 30 {
		if wait := c.CountFailure(from(1), "app"); wait != 0 {
			t.Fatalf("failure %d waits %v", n+1, wait)
		}
	}
	wait := c.CountFailure(from(1), "app")
	if wait <= 0 || wait > 2*time.Second {
		t.Errorf("one more waits %v: there are 30 in a minute", wait)
	}
	if c.CountFailure(from(2), "app") != 0 || c.CountFailure(from(1), "other") != 0 || c.CountFailure(from(1), "") != 0 {
		t.Error("another address or another client waits, too")
	}
	world.Advance(wait - time.Millisecond)
	if c.CountFailure(from(1), "app") == 0 {
		t.Error("it may go on before it was told")
	}
	world.Advance(time.Millisecond)
	if c.CountFailure(from(1), "app") != 0 {
		t.Error("it was told when it may go on, and may not")
	}
	world.Advance(time.Minute)
	for range 30 {
		if c.CountFailure(from(1), "app") != 0 {
			t.Error("a minute is over, and it has not all of it")
		}
	}
}

// The networks of one line count together: they are one caller's.
func TestFailuresOfOneLine(t *testing.T) {
	c, _ := callers(t)
	of := func(address string) context.Context {
		return edge.WithAddress(httptest.NewRequest("POST", "/token", nil), netip.MustParseAddr(address)).Context()
	}
	for range 30 {
		c.CountFailure(of("2001:db8:0:1::1"), "app")
	}
	if c.CountFailure(of("2001:db8:0:2::1"), "app") == 0 {
		t.Error("another network of the line begins anew")
	}
	if c.CountFailure(of("2001:db8:1::1"), "app") != 0 {
		t.Error("another line is refused")
	}
}

// A flood of addresses takes up no more memory than a fixed number of them, and makes
// nobody who is above the ceiling be forgotten before the time.
func TestAFloodOfAddresses(t *testing.T) {
	c, world := callers(t)
	for range 31 {
		c.CountFailure(from(0), "app")
	}
	for n := 1; n < 100_000; n++ {
		c.CountFailure(from(n), "app")
	}
	if n, most := c.Remembered(); n > most {
		t.Errorf("%d are remembered, and may be %d", n, most)
	}
	if c.CountFailure(from(0), "app") == 0 {
		t.Error("who was above the ceiling was forgotten")
	}
	refused := 0
	for n := range 10_000 { // these are new, and share what there is for the rest
		if c.CountFailure(from(200_000+n), "app") != 0 {
			refused++
		}
	}
	if refused == 0 {
		t.Error("who comes from ever another address is never told to wait")
	}
	world.Advance(time.Minute)
	for n := range 20_000 {
		if c.CountFailure(from(300_000+n), "app") == 0 {
			continue
		}
		if n < 10_000 {
			t.Fatalf("a minute later there is no place for the address %d", n)
		}
	}
	if n, most := c.Remembered(); n > most {
		t.Errorf("%d are remembered, and may be %d", n, most)
	}
}

// What a client leaves in Redis is counted by its size and its life, for itself alone.
func TestWhatAClientKeeps(t *testing.T) {
	c, world := callers(t)
	const mib = 1 << 20
	for n := range 128 {
		if refused := c.Keep("app", mib, time.Minute); refused != nil {
			t.Fatalf("MiB %d: %v", n+1, refused)
		}
	}
	refused := c.Keep("app", mib, time.Minute)
	if refused == nil || refused.Status != 429 || refused.Wait <= 0 || refused.Wait > time.Second {
		t.Fatalf("one more: %+v", refused)
	}
	if refused := c.Keep("other", 128*mib, time.Second); refused != nil {
		t.Errorf("another client: %v", refused)
	}
	world.Advance(refused.Wait)
	if refused := c.Keep("app", mib, time.Minute); refused != nil {
		t.Errorf("when its time has come: %v", refused)
	}
	world.Advance(time.Minute)
	if c.Keep("app", 64*mib, 2*time.Minute) != nil || c.Keep("app", mib, time.Second) == nil {
		t.Error("what lives twice as long does not count twice")
	}
}

// The tokens of one login are refused for themselves alone.
func TestTheTokensOfALogin(t *testing.T) {
	c, world := callers(t)
	for n := range 300 {
		if refused := c.CountLogin("one"); refused != nil {
			t.Fatalf("%d: %v", n+1, refused)
		}
	}
	refused := c.CountLogin("one")
	if refused == nil || refused.Status != 429 || refused.Wait <= 0 || refused.Wait > time.Second {
		t.Fatalf("one more: %+v", refused)
	}
	for n := range 20_000 { // more than are remembered
		if refused := c.CountLogin("another " + string(rune(n+0x10000))); refused != nil {
			t.Fatalf("another login: %v", refused)
		}
	}
	world.Advance(refused.Wait)
	if refused := c.CountLogin("one"); refused != nil {
		t.Errorf("when its time has come: %v", refused)
	}
}
