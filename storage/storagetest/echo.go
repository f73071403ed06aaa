package storagetest

import (
	"net"
	"sync"
	"testing"
)

// echo is what a round trip has sent, and where to.
type echo struct {
	mu   sync.Mutex
	sent []byte
	to   net.Addr
}

// keep notes more of it; there may be no echo.
func (e *echo) keep(b []byte, to net.Addr) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sent, e.to = append(e.sent, b...), to
}

// again sends it once more, and waits until Redis has carried out the first of its commands.
func (e *echo) again(t testing.TB) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.to == nil {
		t.Fatal("there was no such round trip")
	}
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), e.to.Network(), e.to.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write(e.sent); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 64)
	n, err := c.Read(reply)
	if err != nil || reply[0] == '-' {
		t.Fatalf("Redis says %q, %v", reply[:n], err)
	}
}
