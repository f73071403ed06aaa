package itsme_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"itsme-bridge/itsme"
)

// listen serves connections on loopback by hand and counts the requests that
// arrived whole. answer says whether the nth request, from 1, is answered; if it
// is not, the connection is cut.
func listen(t *testing.T, body string, answer func(n int64) bool) (address string, requests *atomic.Int64) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	requests = new(atomic.Int64)
	serve := func(connection net.Conn) {
		defer connection.Close()
		reader := bufio.NewReader(connection)
		for {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, request.Body); err != nil {
				return
			}
			if !answer(requests.Add(1)) {
				return
			}
			response := http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
			if response.Write(connection) != nil {
				return
			}
		}
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(connection)
		}
	}()
	return listener.Addr().String(), requests
}

// A transaction is probably billed: what may have arrived is never sent again.
func TestAPOSTThatMayHaveArrivedIsNotSentAgain(t *testing.T) {
	address, requests := listen(t, created, func(int64) bool { return false })
	client := newClient(t, func(c *itsme.Config) { c.BaseURL = "http://" + address })
	_, err := client.Start(t.Context(), start())
	failure, ok := errors.AsType[*itsme.Error](err)
	if !ok || failure.Kind != itsme.Unavailable || !failure.Sent() {
		t.Errorf("got %v", err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d POSTs arrived", n)
	}
}

// On a kept connection that breaks, net/http would send again by itself what it
// takes for repeatable: a GET, or a request marked as idempotent.
func TestNothingIsSentAgainOnAKeptConnection(t *testing.T) {
	for _, row := range []struct {
		name string
		body string
		call func(context.Context, *itsme.Client) error
	}{
		{"start", created, func(ctx context.Context, c *itsme.Client) error { _, err := c.Start(ctx, start()); return err }},
		{"status", lucas, func(ctx context.Context, c *itsme.Client) error {
			_, err := c.Status(ctx, transactionToken)
			return err
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			address, requests := listen(t, row.body, func(n int64) bool { return n == 1 })
			client := newClient(t, func(c *itsme.Config) { c.BaseURL = "http://" + address })
			if err := row.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if err := row.call(t.Context(), client); !errors.Is(err, itsme.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if n := requests.Load(); n != 2 {
				t.Errorf("%d requests arrived for two calls", n)
			}
		})
	}
}

// dialling is a transport whose first dials fail.
func dialling(failures int64, err error) (*http.Transport, *atomic.Int64) {
	var dials atomic.Int64
	return &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) <= failures {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}, &dials
}

func TestAPOSTIsSentAgainWhereNoConnectionWasMade(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, row := range []struct {
		name     string
		failures int64
		dials    int64
		posts    int64
		kind     itsme.Kind
	}{
		{"the second dial succeeds", 1, 2, 1, ""},
		{"there is no third", 2, 2, 0, itsme.Unavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			address, requests := listen(t, created, func(int64) bool { return true })
			transport, dials := dialling(row.failures, refused)
			client := newClient(t, func(c *itsme.Config) { c.BaseURL, c.Transport = "http://"+address, transport })
			_, err := client.Start(t.Context(), start())
			if kindOf(err) != row.kind {
				t.Errorf("got %v", err)
			}
			if failure, ok := errors.AsType[*itsme.Error](err); ok && failure.Sent() {
				t.Error("it says that it was sent")
			}
			if dials.Load() != row.dials || requests.Load() != row.posts {
				t.Errorf("%d dials and %d POSTs, want %d and %d", dials.Load(), requests.Load(), row.dials, row.posts)
			}
		})
	}
}

func TestAStatusIsNotAskedAgainEvenThen(t *testing.T) {
	transport, dials := dialling(9, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
	client := newClient(t, func(c *itsme.Config) { c.Transport = transport })
	_, err := client.Status(t.Context(), transactionToken)
	failure, ok := errors.AsType[*itsme.Error](err)
	if !ok || failure.Sent() || !errors.Is(err, syscall.ECONNREFUSED) || dials.Load() != 1 {
		t.Errorf("got %v after %d dials", err, dials.Load())
	}
}

// A caller who is gone gets no second try.
func TestNoSecondTryAfterTheDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var tries int
	client := newClient(t, func(c *itsme.Config) {
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			tries++
			cancel()
			return nil, &net.OpError{Op: "dial", Err: context.Canceled}
		})
	})
	if _, err := client.Start(ctx, start()); !errors.Is(err, context.Canceled) || tries != 1 {
		t.Errorf("got %v after %d tries", err, tries)
	}
}
