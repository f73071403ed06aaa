package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func TestOfManyWhoAskOneGetsTheInformation(t *testing.T) {
	s := sandbox.NewServer(t, sandbox.Options{Auto: itsme.Success})
	c, transaction := client(t, s), begin(t, s, nil)
	var got, taken atomic.Int64
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			switch _, err := c.Status(t.Context(), transaction.Token); {
			case err == nil:
				got.Add(1)
			case errors.Is(err, itsme.ErrTaken):
				taken.Add(1)
			}
		})
	}
	wait.Wait()
	if got.Load() != 1 || taken.Load() != 49 || s.Fetches(transaction.Token) != 50 {
		t.Errorf("%d got it, %d did not, %d asked", got.Load(), taken.Load(), s.Fetches(transaction.Token))
	}
}

// An answer that is lost on its way takes the information with it.
func TestALostAnswerIsLost(t *testing.T) {
	for _, row := range []struct {
		name   string
		script sandbox.Script
		then   error // of the next call
	}{
		{"cut after the information was given out", sandbox.Script{Fault: sandbox.Cut, FaultTimes: 1, Spend: true}, itsme.ErrTaken},
		{"cut before", sandbox.Script{Fault: sandbox.Cut, FaultTimes: 1}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := sandbox.NewServer(t)
			row.script.Outcome = itsme.Success
			s.Next(row.script)
			c, transaction := client(t, s), begin(t, s, nil)
			if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrUnavailable) {
				t.Errorf("the first time: %v", err)
			}
			if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, row.then) {
				t.Errorf("the second time: %v, want %v", err, row.then)
			}
		})
	}
}

func TestHold(t *testing.T) {
	s := sandbox.NewServer(t, sandbox.Options{Auto: itsme.Success})
	hold := s.Hold()
	c, transaction := client(t, s), begin(t, s, nil)
	type outcome struct {
		result itsme.Result
		err    error
	}
	answers := make(chan outcome, 1)
	go func() {
		result, err := c.Status(t.Context(), transaction.Token)
		answers <- outcome{result, err}
	}()
	<-hold.Reached()
	if seen, _ := s.Last(); !seen.Given {
		t.Error("the information is not gone yet")
	}
	if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrTaken) {
		t.Errorf("meanwhile somebody else gets %v", err)
	}
	select {
	case <-answers:
		t.Error("the answer did not wait")
	default:
	}
	hold.Release()
	hold.Release()
	if a := <-answers; a.err != nil || a.result.Status != itsme.Success {
		t.Errorf("the answer: %v", a.err)
	}
}

func TestACallerWhoHangsUpDuringAHold(t *testing.T) {
	s := sandbox.NewServer(t, sandbox.Options{Auto: itsme.Success})
	hold := s.Hold()
	c, transaction := client(t, s), begin(t, s, nil)
	ctx, hangUp := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := c.Status(ctx, transaction.Token)
		failed <- err
	}()
	<-hold.Reached()
	hangUp()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, itsme.ErrTaken) {
		t.Errorf("the information is still there: %v", err)
	}
}

// A hold is for an answer with information, and lets others pass.
func TestAHoldWaitsForInformation(t *testing.T) {
	s := sandbox.NewServer(t)
	hold := s.Hold()
	c, transaction := client(t, s), begin(t, s, nil)
	if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Status != itsme.Open {
		t.Errorf("%v, %v", result, err)
	}
	select {
	case <-hold.Reached():
		t.Error("an open transaction was held")
	default:
	}
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestInformationExpires(t *testing.T) {
	for _, row := range []struct {
		after time.Duration
		want  error
	}{{29 * time.Second, nil}, {30 * time.Second, itsme.ErrTaken}} {
		world := newClock()
		s := sandbox.NewServer(t, sandbox.Options{Now: world.Now, DataTTL: 30 * time.Second})
		transaction := begin(t, s, nil)
		world.advance(time.Hour) // counts from the approval, not from the start
		if err := s.Approve(transaction.Token, ""); err != nil {
			t.Fatal(err)
		}
		world.advance(row.after)
		if _, err := client(t, s).Status(t.Context(), transaction.Token); !errors.Is(err, row.want) {
			t.Errorf("after %s: %v", row.after, err)
		}
	}
}

func TestAnOpenTransactionExpires(t *testing.T) {
	world := newClock()
	s := sandbox.NewServer(t, sandbox.Options{Now: world.Now, OpenTTL: 3 * time.Minute})
	c, transaction := client(t, s), begin(t, s, nil)
	world.advance(3*time.Minute - 1)
	if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Status != itsme.Open {
		t.Errorf("a moment before: %v, %v", result, err)
	}
	world.advance(1)
	if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Status != itsme.Expired {
		t.Errorf("then: %v, %v", result, err)
	}
	if err := s.Approve(transaction.Token, ""); err == nil {
		t.Error("it can still be approved")
	}
	if back := visit(t, transaction.AuthenticationURL); back.status != http.StatusSeeOther {
		t.Errorf("the page: %d", back.status)
	}
}

// A simulator that runs for days does not fill the memory.
func TestTheOldestAreForgotten(t *testing.T) {
	s := sandbox.New(sandbox.Options{})
	create := func() {
		request := httptest.NewRequest(http.MethodPost, "/transactions", body(t, good()))
		request.Header.Set("Content-Type", "application/json")
		s.ServeHTTP(httptest.NewRecorder(), request)
	}
	create()
	first, _ := s.Last()
	for range 10_000 {
		create()
	}
	if n := len(s.Transactions()); n != 10_000 {
		t.Errorf("%d are remembered", n)
	}
	for _, path := range []string{"/status/" + first.Token, strings.TrimPrefix(first.AuthenticationURL, "http://example.com")} {
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if recorder.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, recorder.Code)
		}
	}
}

func TestTheLogHoldsNoPerson(t *testing.T) {
	var log bytes.Buffer
	s := sandbox.NewServer(t, sandbox.Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	transaction := begin(t, s, func(start *itsme.Start) { start.PhoneNumber = "+32479999999" })
	submit(t, transaction.AuthenticationURL, "phone=0478888888")
	submit(t, transaction.AuthenticationURL, "outcome=success")
	if _, err := client(t, s).Status(t.Context(), transaction.Token); err != nil {
		t.Fatal(err)
	}
	create(t, s, "application/json", map[string]any{"token": "hunter2"})
	if !strings.Contains(log.String(), `"answer":"success"`) {
		t.Errorf("the log: %s", log.String())
	}
	for _, secret := range append(sandbox.Personas()[0].Values(), transaction.Token, sandbox.MerchantToken, redirectURL, "479999999", "478888888", "hunter2") {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
