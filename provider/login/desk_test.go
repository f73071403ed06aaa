package login_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/ledger"
	"itsme-bridge/provider/login"
	"itsme-bridge/provider/request"
)

// picky is a CM that takes no phone number.
type picky struct {
	login.Upstream

	asked   []string
	decline func()
}

func (p *picky) Start(_ context.Context, s itsme.Start) (itsme.Transaction, error) {
	p.asked = append(p.asked, s.PhoneNumber)
	if s.PhoneNumber == "" {
		return itsme.Transaction{Token: "token", AuthenticationURL: "https://cm.example/"}, nil
	}
	p.decline()
	return itsme.Transaction{}, &itsme.Error{Kind: itsme.Refused, Status: 400, Operation: "start"}
}

// CM declines a phone number and is asked once more without. Where that second start may not be made, the login has begun
// all the same: CM was asked, and has made no transaction. So nothing is taken back, and an attempt is used up.
func TestADeclinedStartWhoseSecondIsNotAsked(t *testing.T) {
	issuer, err := edge.NewIssuer("https://id.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, full := range []bool{false, true} {
		var mu sync.Mutex
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		leave, cm := func() {}, new(picky)
		config := login.Config{Upstream: time.Second, Status: time.Second}
		desk := login.NewDesk(cm, config, issuer, func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
		cm.decline = func() {
			if full { // meanwhile; this call is late, and has left its place
				mu.Lock()
				now = now.Add(config.Upstream + time.Millisecond)
				mu.Unlock()
				leave = desk.Crowd()
			}
		}
		l := login.Login{Request: request.Request{PhoneNumber: "+32471234567"}, Attempt: login.Attempt{Number: 1}}
		made, word, err := desk.Start(t.Context(), &l)
		leave()
		wantWord, wantState, wantAsked := ledger.Waiting, login.Waiting, []string{"+32471234567", ""}
		if full {
			wantWord, wantState, wantAsked = ledger.Declined, login.Unavailable, wantAsked[:1]
		}
		if err != nil || word != wantWord || l.Attempt.State != wantState || !slices.Equal(cm.asked, wantAsked) || (made.Token == "") != full {
			t.Errorf("full: %t: %v, word %q, state %s, asked with %q", full, err, word, l.Attempt.State, cm.asked)
		}
		if l.Request.PhoneNumber != "" {
			t.Error("the next attempt brings the number again")
		}
	}
}
