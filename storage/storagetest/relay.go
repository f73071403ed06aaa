package storagetest

import (
	"context"
	"io"
	"net"
	"testing"
)

// Relay stands before the Redis at a host:port, and gives the address where it is
// reached with these faults, until the test ends.
func Relay(t testing.TB, server string) (address string, faults *Faults) {
	t.Helper()
	w := newWire()
	return startRelay(t, w, server), &Faults{wire: w}
}

// startRelay listens on loopback and passes every connection on over the wire, so
// that who knows only an address meets the same faults.
func startRelay(t testing.TB, w *wire, server string) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go pass(w, client, server)
		}
	}()
	return listener.Addr().String()
}

func pass(w *wire, client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	redis, err := w.dial(context.Background(), "", server)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(redis, client)
		_ = redis.Close()
	}()
	_, _ = io.Copy(client, redis)
	_ = redis.Close()
}
