package remote_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"itsme-bridge/provider/remote"
)

// A connection comes about, and nothing is sent on it.
func TestReach(t *testing.T) {
	for name, h := range map[string]*host{
		"https": secure(t, func(http.ResponseWriter, *http.Request) { t.Error("https: a request was sent") }),
		"http":  plain(t, func(http.ResponseWriter, *http.Request) { t.Error("http: a request was sent") }),
	} {
		if err := remote.New(h.options()).Reach(t.Context(), h.URL+path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := secure(t, func(http.ResponseWriter, *http.Request) {})
	wantError(t, remote.New(remote.Options{Reachable: loopback()}).Reach(t.Context(), h.URL+path), remote.ErrUnanswered, "certificate not accepted")
	wantError(t, remote.New(h.options()).Reach(t.Context(), "https://127.0.0.1:1"+path), remote.ErrUnanswered, "refused")
	wantError(t, remote.New(h.options()).Reach(t.Context(), "ftp://127.0.0.1"+path), remote.ErrForbidden, "neither https nor http")
}

// Where a Client may not go, Reach does not go either.
func TestReachIsGuarded(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	touched := make(chan bool, 1)
	go func() {
		c, err := listener.Accept()
		if err == nil {
			_ = c.Close()
		}
		touched <- err == nil
	}()
	for scheme, why := range map[string]string{"https": "neither a public address", "http": "http, and not a loopback address"} {
		err := remote.New(remote.Options{Timeout: time.Second}).Reach(t.Context(), scheme+"://"+listener.Addr().String()+path)
		wantError(t, err, remote.ErrForbidden, why)
	}
	_ = listener.Close()
	if <-touched {
		t.Error("it was connected to")
	}
}
