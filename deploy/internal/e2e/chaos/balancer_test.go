//go:build products && chaos

package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// balancer is a load balancer: it asks each replica whether it is ready, and takes the
// next one where a connection cannot be made. An answer that breaks off is 502.
type balancer struct {
	address   string
	replicas  []*backend
	turn      atomic.Int64
	preferred atomic.Pointer[backend] // nil: each in turn
	transport *http.Transport
	strict    atomic.Bool                           // it tries no other replica
	spoil     func(path string, body []byte) []byte // nil: what a replica answers comes as it is
}

// backend is a replica, as the balancer knows it.
type backend struct {
	address, probe string
	ready          atomic.Bool
}

func startBalancer(t testing.TB) *balancer {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{address: listener.Addr().String(), transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	server := &http.Server{Handler: b, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); b.transport.CloseIdleConnections() })
	return b
}

// watch asks a replica every now and then whether it is ready, until the test ends.
func (b *balancer) watch(t testing.TB, address, operations string) *backend {
	t.Helper()
	r := &backend{address: address, probe: "http://" + operations + "/readyz"}
	b.replicas = append(b.replicas, r)
	go func() {
		client := http.Client{Timeout: 5 * time.Second}
		for t.Context().Err() == nil {
			response, err := client.Get(r.probe)
			r.ready.Store(err == nil && response.StatusCode == http.StatusOK)
			if err == nil {
				_ = response.Body.Close()
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return r
}

// ServeHTTP passes a request on.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	for _, to := range b.order() {
		answer, err := b.pass(r, to, body)
		if isDial(err) && !b.strict.Load() {
			continue
		}
		if err != nil {
			break
		}
		defer answer.Body.Close()
		content, err := io.ReadAll(answer.Body)
		if err != nil {
			break
		}
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		if b.spoil != nil {
			content = b.spoil(r.URL.Path, content)
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(content)
		return
	}
	http.Error(w, "bad gateway", http.StatusBadGateway)
}

func isDial(err error) bool {
	broken, ok := errors.AsType[*net.OpError](err)
	return ok && broken.Op == "dial"
}

// prefer has one replica asked as long as a connection to it can be made.
func (b *balancer) prefer(r *backend) { b.preferred.Store(r) }

// order is the ready ones in turn, and then the others.
func (b *balancer) order() []*backend {
	first := int(b.turn.Add(1))
	var ready, others []*backend
	if preferred := b.preferred.Load(); preferred != nil {
		ready = append(ready, preferred)
	}
	for i := range b.replicas {
		r := b.replicas[(first+i)%len(b.replicas)]
		if r.ready.Load() {
			ready = append(ready, r)
		} else {
			others = append(others, r)
		}
	}
	return append(ready, others...)
}

func (b *balancer) pass(r *http.Request, to *backend, body []byte) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.RequestURI, out.URL.Scheme, out.URL.Host = "", "http", to.address
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		out.Body = http.NoBody
	}
	return b.transport.RoundTrip(out)
}
