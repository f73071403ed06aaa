package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
)

func TestOutcomes(t *testing.T) {
	for outcome, want := range map[itsme.Status]itsme.Status{
		itsme.Open: itsme.Open, itsme.Success: itsme.Success, itsme.Cancelled: itsme.Cancelled, itsme.Failure: itsme.Failure,
		itsme.Expired: itsme.Expired, "failed": itsme.Failure, "paused": itsme.Failure,
	} {
		s := sandbox.NewServer(t)
		s.Next(sandbox.Script{Outcome: outcome})
		transaction := begin(t, s, nil)
		result, err := client(t, s).Status(t.Context(), transaction.Token)
		if err != nil || result.Status != want || result.Raw != string(outcome) {
			t.Errorf("%s: %v, %v", outcome, result, err)
		}
		if back := visit(t, transaction.AuthenticationURL); back.status != http.StatusSeeOther || back.location != redirectURL {
			t.Errorf("%s: the page does not send back: %d", outcome, back.status)
		}
	}
}

func TestLateSuccess(t *testing.T) {
	s := sandbox.NewServer(t)
	s.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 2})
	c, transaction := client(t, s), begin(t, s, nil)
	for n, want := range []itsme.Status{itsme.Open, itsme.Open, itsme.Success} {
		if result, err := c.Status(t.Context(), transaction.Token); err != nil || result.Status != want {
			t.Errorf("question %d: %v, %v", n+1, result, err)
		}
	}
}

func TestSuccessWithoutInformation(t *testing.T) {
	s := sandbox.NewServer(t)
	s.Next(sandbox.Script{Outcome: itsme.Success, NoData: true})
	if _, err := client(t, s).Status(t.Context(), begin(t, s, nil).Token); !errors.Is(err, itsme.ErrTaken) {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerVerbatim(t *testing.T) {
	s := sandbox.NewServer(t)
	s.Next(sandbox.Script{Answer: `{"status":"success","userId":"x","name":7}`})
	result, err := client(t, s).Status(t.Context(), begin(t, s, nil).Token)
	if err != nil || result.Identity.UserID != "x" {
		t.Errorf("got %v, %v", result, err)
	}
}

func TestAFaultForAWhile(t *testing.T) {
	s := sandbox.NewServer(t)
	s.Next(sandbox.Script{Outcome: itsme.Success, Fault: sandbox.ServerError, FaultTimes: 2})
	c, transaction := client(t, s), begin(t, s, nil)
	for n, want := range []error{itsme.ErrUnavailable, itsme.ErrUnavailable, nil} {
		if _, err := c.Status(t.Context(), transaction.Token); !errors.Is(err, want) {
			t.Errorf("question %d: %v, want %v", n+1, err, want)
		}
	}
}

// The order of precedence: Next, then the phone number, then Always.
func TestWhoChooses(t *testing.T) {
	s := sandbox.NewServer(t)
	s.Always(sandbox.Script{Outcome: itsme.Expired})
	s.Next(sandbox.Script{Outcome: itsme.Failure})
	s.Next(sandbox.Script{Outcome: itsme.Open})
	cancelled := func(start *itsme.Start) { start.PhoneNumber = "+32470000010" }
	for n, row := range []struct {
		change func(*itsme.Start)
		want   itsme.Status
	}{{cancelled, itsme.Failure}, {nil, itsme.Open}, {cancelled, itsme.Cancelled}, {nil, itsme.Expired}} {
		result, err := client(t, s).Status(t.Context(), begin(t, s, row.change).Token)
		if err != nil || result.Status != row.want {
			t.Errorf("transaction %d: %v, want %s", n+1, result, row.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	seen := map[string]bool{}
	for _, number := range sandbox.Numbers() {
		if seen[number.PhoneNumber] {
			t.Errorf("%s means two things", number.PhoneNumber)
		}
		seen[number.PhoneNumber] = true
		s := sandbox.NewServer(t)
		ctx, cancel := t.Context(), context.CancelFunc(func() {})
		if number.Script.StartFault == sandbox.Hang {
			ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
		}
		start := all()
		start.PhoneNumber = number.PhoneNumber
		_, err := client(t, s).Start(ctx, start)
		cancel()
		if (err != nil) != (number.Script.StartFault != "") {
			t.Errorf("%s (%s): %v", number.PhoneNumber, number.Meaning, err)
		}
	}
}

func TestAMistakeInAScriptPanics(t *testing.T) {
	s := sandbox.NewServer(t)
	for name, play := range map[string]func(){
		"persona":        func() { s.Next(sandbox.Script{Persona: "nobody"}) },
		"fault":          func() { s.Next(sandbox.Script{Fault: "earthquake"}) },
		"fault at start": func() { s.Always(sandbox.Script{StartFault: "earthquake"}) },
		"option":         func() { sandbox.New(sandbox.Options{Persona: "nobody"}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			play()
		}()
	}
}

func TestDecide(t *testing.T) {
	s := sandbox.NewServer(t)
	if err := s.Approve("", ""); err == nil {
		t.Error("there is nothing to approve")
	}
	first, second := begin(t, s, nil), begin(t, s, nil)
	if err := s.Decide("", itsme.Cancelled, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Approve(first.Token, sandbox.Foreign); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"another": s.Approve("another", ""), "a second time": s.Approve(first.Token, ""),
		"nobody": s.Approve(begin(t, s, nil).Token, "nobody"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c := client(t, s)
	if result, err := c.Status(t.Context(), first.Token); err != nil || result.Identity.FamilyName != "de Vries" {
		t.Errorf("the first: %v, %v", result, err)
	}
	if result, err := c.Status(t.Context(), second.Token); err != nil || result.Status != itsme.Cancelled {
		t.Errorf("the second: %v, %v", result, err)
	}
}

// Latency is measured without waiting for it.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		s.Next(sandbox.Script{Outcome: itsme.Success, StartDelay: 2 * time.Second, StatusDelay: 3 * time.Second})
		began := time.Now()
		request := httptest.NewRequest(http.MethodPost, "/transactions", body(t, good()))
		request.Header.Set("Content-Type", "application/json")
		s.ServeHTTP(httptest.NewRecorder(), request)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("creating took %s", took)
		}
		seen, _ := s.Last()
		began = time.Now()
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/status/"+seen.Token, nil))
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the status took %s", took)
		}
	})
}

// While the answer is slow, the information is gone already.
func TestLatencyAfterTheInformationIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sandbox.New(sandbox.Options{})
		s.Next(sandbox.Script{Outcome: itsme.Success, StatusDelay: time.Hour})
		request := httptest.NewRequest(http.MethodPost, "/transactions", body(t, good()))
		request.Header.Set("Content-Type", "application/json")
		s.ServeHTTP(httptest.NewRecorder(), request)
		seen, _ := s.Last()

		ctx, hangUp := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/status/"+seen.Token, nil))
		}()
		synctest.Wait()
		if seen, _ := s.Last(); !seen.Given {
			t.Error("the information is still there")
		}
		hangUp()
		<-done
	})
}
