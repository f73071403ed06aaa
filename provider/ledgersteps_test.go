package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"itsme-bridge/itsme"
	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/keys"
	"itsme-bridge/provider/client"
	. "itsme-bridge/provider/providertest"
)

// A client that comes has its series at once, and one that goes has none any more.
func TestSeriesComeAndGoWithClients(t *testing.T) {
	s := withoutRSA(t, Options{})
	has := func(want bool) {
		t.Helper()
		families, err := s.Metrics.Gather()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, family := range families {
			found[family.GetName()] = strings.Contains(family.String(), `"new"`)
		}
		for _, name := range []string{"logins_begun_total", "logins_total", "login_steps_total", "transactions_total"} {
			if found["itsme_bridge_"+name] != want {
				t.Errorf("%s: %t, want %t", name, !want, want)
			}
		}
	}
	has(false)
	more := client.Client{Terms: client.Terms{ID: "new", Deadline: time.Minute}}
	s.Provider.Register(Clients(nil, more))
	has(true)
	s.Provider.Register(Clients(nil))
	has(false)
}

// Each step of a login is counted as it happens.
func TestStepsAreCounted(t *testing.T) {
	s := withoutRSA(t, Options{App: func(c *client.Client) { c.SigningAlg = keys.ES256 }})
	b := s.Browser()
	b.Header = http.Header{}
	page := b.Authorize(nil)
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Cancelled})
	b.Submit(page, "/itsme/continue")
	b.Get(s.ReturnURL()[:len(s.ReturnURL())-1] + "x") // a forged proof
	page = b.Get(s.ReturnURL())
	s.Sandbox.Next(sandbox.Script{Outcome: itsme.Success, OpenFor: 1, Fault: sandbox.ServerError, FaultTimes: 1})
	b.Submit(page, "/itsme/retry")
	s.Browser().Get(s.ReturnURL())
	for range 2 {
		b.Get(s.ReturnURL())
		s.Advance(3 * time.Second)
	}
	code := s.Response(b.Get(s.ReturnURL())).Get("code")
	if answer := s.Exchange(code, nil); answer.Status != http.StatusOK {
		t.Errorf("%d\n%s", answer.Status, answer.Body)
	}
	s.Exchange(code, nil) // which is refused
	const want = "asked=1 code_redeemed=1 retried=1 returned=4 stranger=2 unanswered=1 waiting=1"
	if got := metered(t, s, "login_steps_total"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
