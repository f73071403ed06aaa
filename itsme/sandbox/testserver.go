package sandbox

import (
	"net"
	"net/http"
	"testing"
	"time"
)

// TestServer is a Server that listens on loopback until its test ends.
type TestServer struct {
	*Server

	URL string // without a slash at its end; it serves as base URL of an itsme.Client
}

// NewServer starts a simulator for a test.
func NewServer(t testing.TB, options ...Options) *TestServer {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("sandbox: %v", err)
	}
	s := &TestServer{Server: New(o), URL: "http://" + listener.Addr().String()}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return s
}

// Control is the URL of the control endpoint, without a slash at its end.
func (s *TestServer) Control() string { return s.URL + "/control" }
