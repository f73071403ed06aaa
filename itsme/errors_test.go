package itsme_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

// Every fault of the simulator, at both calls.
func TestFaults(t *testing.T) {
	for _, row := range []struct {
		fault  sandbox.Fault
		want   error
		status int
		cause  error // nil: any
	}{
		{sandbox.BadRequest, itsme.ErrRefused, 400, nil},
		{sandbox.ServerError, itsme.ErrUnavailable, 500, nil},
		{sandbox.HTML500, itsme.ErrUnavailable, 500, nil},
		{sandbox.BadJSON, itsme.ErrBadAnswer, 200, nil},
		{sandbox.Empty, itsme.ErrBadAnswer, 200, nil},
		{sandbox.TooLarge, itsme.ErrBadAnswer, 200, nil},
		{sandbox.Redirect, itsme.ErrBadAnswer, 307, nil},
		{sandbox.Hang, itsme.ErrUnavailable, 0, context.DeadlineExceeded},
		{sandbox.Cut, itsme.ErrUnavailable, 0, io.ErrUnexpectedEOF},
		{sandbox.CutBody, itsme.ErrUnavailable, 0, io.ErrUnexpectedEOF},
	} {
		t.Run(string(row.fault), func(t *testing.T) {
			s := sandbox.NewServer(t)
			client := newClient(t, func(c *itsme.Config) {
				c.BaseURL, c.AllowLoopback = s.URL, true
			})
			patience := func() (context.Context, context.CancelFunc) {
				if row.fault == sandbox.Hang {
					return context.WithTimeout(t.Context(), 300*time.Millisecond)
				}
				return context.WithCancel(t.Context())
			}
			check := func(err error) {
				t.Helper()
				failure, ok := errors.AsType[*itsme.Error](err)
				if !ok || !errors.Is(err, row.want) || failure.Status != row.status || !failure.Sent() {
					t.Errorf("got %v, want %v with status %d", err, row.want, row.status)
				}
				if row.cause != nil && !errors.Is(err, row.cause) {
					t.Errorf("got %v, want it to be %v", err, row.cause)
				}
			}
			s.Next(sandbox.Script{StartFault: row.fault})
			ctx, cancel := patience()
			defer cancel()
			_, err := client.Start(ctx, start())
			check(err)

			s.Next(sandbox.Script{Fault: row.fault, Outcome: itsme.Success})
			transaction, err := client.Start(t.Context(), start())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel = patience()
			defer cancel()
			_, err = client.Status(ctx, transaction.Token)
			check(err)
		})
	}
}

func TestOtherStatuses(t *testing.T) {
	for status, want := range map[int]error{
		201: itsme.ErrBadAnswer, 204: itsme.ErrBadAnswer, 302: itsme.ErrBadAnswer, 401: itsme.ErrBadAnswer,
		403: itsme.ErrBadAnswer, 404: itsme.ErrBadAnswer, 429: itsme.ErrUnavailable, 502: itsme.ErrUnavailable, 503: itsme.ErrUnavailable,
	} {
		client := newClient(t, saying(status, created))
		if _, err := client.Start(t.Context(), start()); !errors.Is(err, want) {
			t.Errorf("start, %d: %v", status, err)
		}
		client = newClient(t, saying(status, lucas))
		if _, err := client.Status(t.Context(), transactionToken); !errors.Is(err, want) {
			t.Errorf("status, %d: %v", status, err)
		}
	}
}

// A redirect would carry the merchant token to whoever it names.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed: %s %s", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := newClient(t, at(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		if _, err := client.Start(t.Context(), start()); !errors.Is(err, itsme.ErrBadAnswer) {
			t.Errorf("start, %d: %v", status, err)
		}
		if _, err := client.Status(t.Context(), transactionToken); !errors.Is(err, itsme.ErrBadAnswer) {
			t.Errorf("status, %d: %v", status, err)
		}
	}
}

// What a transport may say, and what of it may be told.
func TestTransportErrors(t *testing.T) {
	nameless := &net.DNSError{Err: "no such host", Name: transactionToken + ".example", IsNotFound: true}
	for _, row := range []struct {
		name string
		err  error
		text string
		sent bool
		is   error // nil: nothing in particular
	}{
		{"refused", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection refused", false, syscall.ECONNREFUSED},
		{"no such host", &net.OpError{Op: "dial", Err: nameless}, "host name not found", false, nil},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "connection reset by peer", true, syscall.ECONNRESET},
		{"timeout", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, "no answer in time", true, context.DeadlineExceeded},
		{"timeout of a dial", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "no answer in time", false, context.DeadlineExceeded},
		{"deadline", context.DeadlineExceeded, "no answer in time", true, context.DeadlineExceeded},
		{"given up", context.Canceled, "given up by the caller", true, context.Canceled},
		{"cut", io.EOF, "connection cut", true, io.ErrUnexpectedEOF},
		{"a URL around it", &url.Error{Op: "Get", URL: "https://cm.example/status/" + transactionToken, Err: io.EOF}, "connection cut", true, io.ErrUnexpectedEOF},
		{"words of the peer", errors.New("malformed HTTP response " + transactionToken), "no whole answer", true, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			client := newClient(t, func(c *itsme.Config) {
				c.Transport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, row.err })
			})
			_, err := client.Status(t.Context(), transactionToken)
			failure, ok := errors.AsType[*itsme.Error](err)
			if !ok || failure.Kind != itsme.Unavailable || failure.Sent() != row.sent {
				t.Fatalf("got %v, sent %v", err, failure.Sent())
			}
			if want := "itsme: status: unavailable: " + row.text; err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
			if row.is != nil && !errors.Is(err, row.is) {
				t.Errorf("it is no longer %v", row.is)
			}
			for _, text := range inside(err) {
				search(t, "what is inside", text)
			}
		})
	}
}

// inside are the texts of an error and of all that it wraps.
func inside(err error) []string {
	texts := []string{err.Error()}
	switch wrapper := err.(type) { //nolint:errorlint // it walks the tree itself
	case interface{ Unwrap() error }:
		texts = append(texts, inside(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range wrapper.Unwrap() {
			texts = append(texts, inside(inner)...)
		}
	}
	return texts
}

func TestTheCallerMayGiveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, at(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	_, err := client.Status(ctx, transactionToken)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, itsme.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// endless is a body that has no end, and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func (e *endless) Close() error { return nil }

func TestABodyIsReadNoFurtherThanItMay(t *testing.T) {
	for _, status := range []int{200, 400, 500} {
		body := new(endless)
		client := newClient(t, func(c *itsme.Config) {
			c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: body}, nil
			})
		})
		// Without a bound this would be waited for, in vain, until memory ends.
		done := make(chan error, 1)
		go func() { _, err := client.Start(t.Context(), start()); done <- err }()
		select {
		case err := <-done:
			if kindOf(err) == "" || body.read > 128<<10 {
				t.Errorf("%d: %v after %d bytes", status, err, body.read)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%d: still reading", status)
		}
	}
}

func TestTimeout(t *testing.T) {
	local := at(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	client := newClient(t, func(c *itsme.Config) { local(c); c.Timeout = 50 * time.Millisecond })
	if _, err := client.Start(t.Context(), start()); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, itsme.ErrUnavailable) {
		t.Errorf("start: %v", err)
	}
	if _, err := client.Status(t.Context(), transactionToken); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, itsme.ErrUnavailable) {
		t.Errorf("status: %v", err)
	}
}

// One deadline for the whole call: an answer that drips does not extend it.
func TestADrippingAnswerIsNotWaitedFor(t *testing.T) {
	local := at(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, strings.Repeat(" ", 16))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	client := newClient(t, func(c *itsme.Config) { local(c); c.Timeout = 100 * time.Millisecond })
	if _, err := client.Status(t.Context(), transactionToken); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
