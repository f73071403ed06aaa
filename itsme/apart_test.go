package itsme_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
)

// However many POSTs hang at CM, a status call gets through at once: the data it asks
// for is there one time.
func TestPOSTsThatHangDelayNoStatus(t *testing.T) {
	connections := itsme.NewTransport().MaxConnsPerHost
	many := connections + 20
	hanging, release := make(chan struct{}, many), make(chan struct{})
	there := at(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			hanging <- struct{}{}
			<-release
			return
		}
		_, _ = w.Write([]byte(lucas))
	})
	client := newClient(t, func(c *itsme.Config) { there(c); c.Timeout = time.Minute })
	var posts sync.WaitGroup
	defer posts.Wait()
	defer close(release)
	for range many {
		posts.Go(func() { _, _ = client.Start(t.Context(), start()) })
	}
	for range connections {
		<-hanging // all that POSTs may have
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if result, err := client.Status(ctx, transactionToken); err != nil || result.Identity != lucasMaes() {
		t.Errorf("%v, %v", result.Status, err)
	}
}

// A status call, whose answer may be there one time only, is waited for with its own patience and not with that of a POST.
func TestAStatusIsWaitedForLonger(t *testing.T) {
	there := at(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			select {
			case <-time.After(500 * time.Millisecond):
			case <-r.Context().Done():
			}
			_, _ = w.Write([]byte(lucas))
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client has gone
		<-r.Context().Done()
	})
	client := newClient(t, func(c *itsme.Config) { there(c); c.Timeout, c.StatusTimeout = 50*time.Millisecond, time.Minute })
	if result, err := client.Status(t.Context(), transactionToken); err != nil || result.Identity != lucasMaes() {
		t.Errorf("%v, %v", result.Status, err)
	}
	if _, err := client.Start(t.Context(), start()); !errors.Is(err, itsme.ErrUnavailable) {
		t.Errorf("a POST that hangs: %v", err)
	}
}

// Whether CM is there is asked with a GET that carries no token, and a gateway that
// answers in CM's place is not CM.
func TestReach(t *testing.T) {
	for status, reached := range map[int]bool{200: true, 401: true, 404: true, 500: false, 502: false, 503: false} {
		err := newClient(t, at(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/" || r.ContentLength > 0 || r.Header.Get("Authorization") != "" {
				t.Errorf("%s %s, %d bytes", r.Method, r.URL, r.ContentLength)
			}
			w.WriteHeader(status)
		})).Reach(t.Context())
		if (err == nil) != reached {
			t.Errorf("%d: %v", status, err)
		}
	}
	if err := newClient(t, nil).Reach(t.Context()); err == nil {
		t.Error("nobody is there, and it is reached")
	}
}

// What can be seen without a token.
func TestLook(t *testing.T) {
	seen, err := newClient(t, at(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Sat, 28 Nov 2026 12:00:00 GMT")
		w.WriteHeader(http.StatusNotFound)
	})).Look(t.Context())
	want := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	if err != nil || seen.Status != http.StatusNotFound || !seen.Date.Equal(want) || !seen.Expires.IsZero() {
		t.Errorf("%+v %v", seen, err)
	}
}
