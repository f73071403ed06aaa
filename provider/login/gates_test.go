package login_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/breaker"
	"itsme-bridge/provider/client"
	"itsme-bridge/provider/login"
)

// What a start says of CM, and what it does not.
func TestOutcomeOfAStart(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	failed := func(kind itsme.Kind, status int) error { return &itsme.Error{Kind: kind, Status: status} }
	for name, row := range map[string]struct {
		ctx    context.Context //nolint:containedctx // a row of a table
		hinted bool
		err    error
		want   breaker.Outcome
	}{
		"made":                          {t.Context(), false, nil, breaker.Answered},
		"refused":                       {t.Context(), true, failed(itsme.Refused, 400), breaker.Answered},
		"403":                           {t.Context(), false, failed(itsme.BadAnswer, 403), breaker.Answered},
		"no page of CM's":               {t.Context(), false, failed(itsme.BadAnswer, 200), breaker.Failed},
		"500":                           {t.Context(), false, failed(itsme.Unavailable, 500), breaker.Failed},
		"500 to a phone number":         {t.Context(), true, failed(itsme.Unavailable, 500), breaker.Unknown},
		"503 to a phone number":         {t.Context(), true, failed(itsme.Unavailable, 503), breaker.Unknown},
		"no answer to a phone number":   {t.Context(), true, failed(itsme.Unavailable, 0), breaker.Failed},
		"no answer in the time we left": {over, false, fmt.Errorf("%w: %w", itsme.ErrUnavailable, context.DeadlineExceeded), breaker.Unknown},
		"no answer in CM's time":        {t.Context(), false, fmt.Errorf("%w: %w", itsme.ErrUnavailable, context.DeadlineExceeded), breaker.Failed},
		"an answer at the last moment":  {over, false, nil, breaker.Answered},
		"nobody knows what":             {t.Context(), false, errors.New("what"), breaker.Failed},
	} {
		if got := login.OutcomeOf(row.ctx, row.hinted, row.err); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}

// There are no more gates than merchant tokens: those of clients that are gone are forgotten, and
// those that stay know what they knew.
func TestGatesOfTokensThatAreGone(t *testing.T) {
	g := login.NewGates()
	for token := range 9 {
		for n := range 5 {
			if !g.Start(fmt.Sprint(token), fmt.Sprint(n)) {
				t.Fatalf("token %d: CM was not asked", token)
			}
		}
	}
	if n := g.Keep(client.Client{Terms: client.Terms{ID: "a"}, MerchantToken: "3"}, client.Client{Terms: client.Terms{ID: "b"}, MerchantToken: "new"}); n != 1 {
		t.Errorf("there are %d gates", n)
	}
	if g.Start("3", "another") {
		t.Error("CM was asked again for a token that has not changed")
	}
	if !g.Start("4", "another") {
		t.Error("a token that came again was held to what it was")
	}
}

// Calls of a kind that are under way are bounded, whatever their tokens are.
func TestCallsUnderWayAreBounded(t *testing.T) {
	for _, status := range []bool{false, true} {
		if made, left := login.NewGates().Deep(status); made != 256 || left != 0 {
			t.Errorf("status calls: %v: %d were made, and %d are left", status, made, left)
		}
	}
}

// Status calls that hang leave some places to others, and are bounded all the same, whatever their time is: package
// itsme has 800 connections for them.
func TestCallsThatHangAreBounded(t *testing.T) {
	for _, c := range []login.Config{
		{Upstream: 5 * time.Second, Status: 30 * time.Second},
		{Upstream: time.Second, Status: time.Minute},
		{Upstream: time.Minute, Status: time.Minute},
		{Upstream: 100 * time.Millisecond, Status: time.Minute},
		{Upstream: 7 * time.Second, Status: 50 * time.Second},
	} {
		most := 2 * 256
		if c.Status >= 3*c.Upstream {
			most += 8 * 32
		}
		if n := login.Hanging(c); n > most || n < 256 || c.Status >= 3*c.Upstream && n <= 512 {
			t.Errorf("%+v: %d are under way, want no more than %d", c, n, most)
		}
	}
}
