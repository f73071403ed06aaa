package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/provider"
	"itsme-bridge/provider/authorize"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// answeredBeside is a pushed request whose login is under way in one tab, at an address of its own, when the client has
// its answer by another tab.
type answeredBeside struct {
	*Server
	tab     *Browser
	address string // with the request_uri
	back    string // the first tab's way home
}

// beside answers the client by a start that never reached CM, of which it wants to hear at once.
func beside(t *testing.T, change func(*client.Client)) *answeredBeside {
	t.Helper()
	s, line := onLine(t, Options{App: change, Config: func(c *provider.Config) { c.Start = authorize.StartAsk }})
	b := s.Browser()
	address := pushed(t, s, nil)
	first, second := b.Get(address), b.Get(address)
	toItsme(t, s, b.Submit(first, "/itsme/continue"))
	a := &answeredBeside{s, b, address, s.ReturnURL()}
	s.Provider.Register(Clients(func(c *client.Client) { c.RedirectFailures = true }))
	line.breaks("dead")
	for range 5 {
		other := s.Browser()
		other.Submit(other.Authorize(nil), "/itsme/continue")
	}
	if _, got := responseOf(t, b.Submit(second, "/itsme/continue")); got.Get("error") != "temporarily_unavailable" {
		t.Fatalf("the client is told %v", got)
	}
	line.mend()
	s.Advance(5 * time.Second) // CM is asked again
	return a
}

// RFC 9126 §4: the client has had its answer. What is paid for already is led on all the same, in every way back to it.
func TestALoginUnderWayOutlivesTheAnswerOfAnotherTab(t *testing.T) {
	atOnce := func(c *client.Client) { c.RedirectFailures = true }
	a := beside(t, atOnce)
	toItsme(t, a.Server, a.tab.Get(a.address))
	toItsme(t, a.Server, a.tab.Get(standsAt(a.Server, idIn(a.back))))
	a.Approve()
	if _, got := responseOf(t, a.tab.Get(a.back)); !got.Has("code") {
		t.Errorf("the client is told %v", got)
	}
}

// And nothing more is paid for: "try again" ends at a page that says how the attempt ended, and leads to where the
// client is at home. It is not told of this login too: it may have thrown away what it knew the request by.
func TestTryAgainWhenTheClientHasItsAnswer(t *testing.T) {
	cancels := func(t *testing.T, a *answeredBeside) *Answer {
		t.Helper()
		if err := a.Sandbox.Decide("", itsme.Cancelled, ""); err != nil {
			t.Fatal(err)
		}
		return a.tab.Get(a.back)
	}
	for _, row := range []struct {
		name   string
		change func(*client.Client)
		stops  func(t *testing.T, a *answeredBeside) *Answer
		page   string
	}{
		{"cancelled", nil, cancels, "cancelled"},
		{"its transaction is lost", func(c *client.Client) { c.RedirectFailures = true }, func(t *testing.T, a *answeredBeside) *Answer {
			t.Helper()
			if err := a.Redis().Del(t.Context(), keysOf(a.Server, "transaction")...).Err(); err != nil {
				t.Fatal(err)
			}
			return a.tab.Get(a.back)
		}, "expired"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := beside(t, row.change)
			page := row.stops(t, a)
			started := a.Sandbox.Starts()
			for range 2 { // the second finds no lease that the first has left
				answer := a.tab.Submit(page, "/itsme/retry")
				_, _, leaves := answer.Form("/itsme/leave")
				if answer.Page() != row.page || answer.Status != http.StatusOK || leaves || !strings.Contains(answer.Body, `href="`+Home+`"`) {
					t.Errorf("%d, page %q\n%s", answer.Status, answer.Page(), answer.Body)
				}
			}
			if n := a.Sandbox.Starts() - started; n != 0 {
				t.Errorf("%d transactions for a request that was answered", n)
			}
			if !strings.Contains(a.Log.String(), `"request_uri_used_up":true`) {
				t.Error("the log does not say why there is no other attempt")
			}
		})
	}
}
